# The control socket of a machine with a real guest, as programs that are not ours see it.

. "$PSScriptRoot/../Guest.ps1"

# Everything a machine says on its control socket for so many seconds, while the block runs.
function Overhear {
    param($Vm, [int] $Seconds, [scriptblock] $Meanwhile)
    $socket = "/run/stratovirt/$($Vm.Name)/qmp.sock"
    $listener = StartProgram /bin/sh -c "(echo '{`"execute`":`"qmp_capabilities`"}'; sleep $Seconds) | socat -t 1 - UNIX-CONNECT:$socket"
    Assert ($listener.StandardOutput.ReadLine() -match '"QMP"') 'no greeting'
    Assert ($listener.StandardOutput.ReadLine() -match '"return"') 'no negotiation'
    & $Meanwhile
    $listener.StandardOutput.ReadToEnd() -split '\r?\n' | Where-Object { $_ }
}

Test 'a disk that fails is told of on the control socket' -TimeoutSeconds 300 -Attempts 2 {
    # A disk of this machine's kernel with sectors that cannot be read.
    $null = Run modprobe sd_mod
    $null = Run modprobe scsi_debug dev_size_mb=16 opts=2 medium_error_start=8192 medium_error_count=8
    After { & modprobe -r scsi_debug }
    $find = { [System.IO.Directory]::GetDirectories('/sys/block', 'sd*').Where{ [System.IO.File]::ReadAllText("$_/device/model").Trim() -eq 'scsi_debug' } }
    Until { & $find } 'the disk'
    $disk = "/dev/$([System.IO.Path]::GetFileName((& $find)))"
    $script:GuestHome = 'Detached'
    After { $script:GuestHome = 'InProcess' }
    $vm = StartGuest -Devices { param($vm) $vm | Add-StratoDevice -Disk $disk -Name bad -Direct }
    $null = Ask $vm 'dmesg -n 1'
    $lines = Overhear $vm 30 {
        AssertEqual '0' (Ask $vm 'dd if=/dev/vda of=/dev/null bs=4k count=8 iflag=direct 2>&1 | grep -c error') 'errors on good sectors'
        AssertEqual '1' (Ask $vm 'dd if=/dev/vda of=/dev/null bs=4k skip=1024 count=1 iflag=direct 2>&1 | grep -c error') 'errors on bad ones'
    }
    $events = @($lines | Where-Object { $_ -match '"BLOCK_IO_ERROR"' })
    Assert ($events.Count -ge 1) "no event among: $lines"
    foreach ($part in '"node-name": ?"bad"', '"operation": ?"read"', '"action": ?"report"', '"nospace": ?false', '"reason": ?"\S') {
        Assert ($events[0] -match $part) "$part is not in $($events[0])"
    }
    Assert ((Get-StratoDevice $vm bad).Fault) 'the disk shows no fault'
    AssertEqual 'Running' "$((Get-StratoVm $vm.Name).State)" 'the machine'
    StopFromInside $vm
}
