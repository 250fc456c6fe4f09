# The host's side fails: the guest sees errors, the operator the reason, and the machine lives.

. "$PSScriptRoot/../Guest.ps1"
. "$PSScriptRoot/../Host.ps1"

# Fails the test unless a device says why it does not work; waits for that as long as a helper may take to die.
function AssertFault {
    param($Vm, [string] $Name, [string] $Like)
    try {
        Until { (Get-StratoDevice $Vm $Name).Fault -like $Like } "the fault of $Name" -Seconds 30
    } catch {
        throw "$_; it says '$((Get-StratoDevice $Vm $Name).Fault)'"
    }
}

Test 'storage that is full, broken or cut' -TimeoutSeconds 300 -Attempts 2 {
    $small = [System.IO.Directory]::CreateTempSubdirectory('strato-small-').FullName
    $null = Run busybox mount -t tmpfs -o size=16m small $small
    After { & busybox umount -l $small }.GetNewClosure()
    $null = Run truncate -s 64M "$small/full.img"
    # A block device whose first half cannot keep what is written to it, and whose second half is broken.
    $null = Run truncate -s 32M "$small/broken.img"
    foreach ($module in 'loop', 'dm_mod') { $null = Run busybox modprobe $module }
    $half = (Run busybox losetup -f)
    $null = Run busybox losetup $half "$small/broken.img"
    After { & busybox losetup -d $half }.GetNewClosure()
    $null = Run sh -c "printf '0 65536 linear $half 0\n65536 65536 error\n' | dmsetup create --noudevsync --noudevrules broken"
    After { & dmsetup remove --noudevsync --noudevrules broken }
    # One that is broken as a whole, behind no cache of the host.
    $null = Run sh -c "printf '0 65536 error\n' | dmsetup create --noudevsync --noudevrules gone"
    After { & dmsetup remove --noudevsync --noudevrules gone }
    # Nobody makes their names in /dev/mapper here.
    $broken, $gone = 'broken', 'gone' | ForEach-Object { "/dev/$(Run dmsetup info -c --noheadings -o blkdevname $_)".Trim() }
    $short = NewFile short.img 16MB -Random
    $vm = StartGuest -Devices {
        param($vm)
        $vm | Add-StratoDevice -Disk "$small/full.img" -Name full
        $vm | Add-StratoDevice -Disk $short -Name short
        $vm | Add-StratoDevice -Disk $broken -Name broken
        $vm | Add-StratoDevice -Disk $gone -Name gone -Direct
    }
    # What the kernel has to say of its errors stays off the console.
    $null = Ask $vm 'dmesg -n 1'
    $write = 'dd if=/dev/zero of=/dev/vda bs=1M count=32 oflag=direct 2>&1 | grep -c error'

    # No space left: an error now, and none when there is space again.
    AssertEqual '1' (Ask $vm $write) 'errors while the file system is full'
    AssertFault $vm full '*Write*No space left*'
    # What was written to the device is in the host's cache; that it gets no further is seen by the flush.
    AssertEqual '1' (Ask $vm 'dd if=/dev/zero of=/dev/vdc bs=1M count=4 conv=fsync 2>&1 | grep -c error') 'errors of the flush'
    AssertFault $vm broken '*Flush*Input/output error*'
    AssertEqual '1' (Ask $vm 'dd if=/dev/zero of=/dev/vdd bs=1M count=1 oflag=direct 2>&1 | grep -c error') 'errors of the write'
    AssertFault $vm gone '*Write*Input/output error*'
    # Quoted: a bare comma makes two arguments of it.
    $null = Run busybox mount -o 'remount,size=80m' $small
    AssertEqual '0' (Ask $vm $write) 'errors when there is space again'

    $null = Run truncate -s 1M $short
    AssertEqual '1' (Ask $vm 'dd if=/dev/vdb of=/dev/null bs=1M skip=8 count=1 iflag=direct 2>&1 | grep -c error') 'errors behind the end'
    AssertEqual '0' (Ask $vm 'dd if=/dev/vdb of=/dev/null bs=1M count=1 iflag=direct 2>&1 | grep -c error') 'errors before the end'
    AssertFault $vm short '*Read*shorter*'
    AssertEqual '1' (Ask $vm 'dd if=/dev/vdc of=/dev/null bs=1M skip=40 count=1 iflag=direct 2>&1 | grep -c error') 'errors of the broken device'
    AssertFault $vm broken '*Read*Input/output error*'
    AssertEqual 'Running' "$((Get-StratoVm $vm.Name).State)" 'the machine'
    StopFromInside $vm
}

Test 'helpers that die and peers that leave' -TimeoutSeconds 300 -Attempts 2 {
    # The program of a card of -User takes its addresses from the interface of the default route.
    $null = Run busybox tunctl -t out0
    $null = Run busybox ip address add 10.9.0.2/24 dev out0
    $null = Run busybox ip link set out0 up
    $null = Run busybox ip route add default via 10.9.0.1
    After { & busybox ip link delete out0 }
    $vm = StartGuest -Cpus 2 -Devices {
        param($vm)
        $vm | Add-StratoDevice -Share /usr -Name used
        $vm | Add-StratoDevice -Share /usr -Name idle
        $vm | Add-StratoDevice -Network -User -Name user
        $vm | Add-StratoDevice -Network -Tap labtap3 -Name card
        $vm | Add-StratoDevice -Vsock -Socket "$env:STRATOVIRT_HOME/faults.vsock"
        $vm | Add-StratoDevice -Port -Name line -Socket "$env:STRATOVIRT_HOME/faults.line"
    }
    $null = Ask $vm 'dmesg -n 1; ip link set eth0 up; ip link set eth1 up; mkdir -p /host; mount -t virtiofs used /host; mkdir -p /host/dev; mount --bind /dev /host/dev'
    Assert ((Ask $vm 'ls /host') -match 'bin') 'the share shows nothing'

    # The guest hears that its peer has gone, on a port and on a socket, and both serve the next one.
    $null = Ask $vm '(while :; do cat /dev/vport*p1 >>/tmp/line; sleep 0.1; done 2>/dev/null &)'
    $null = Ask $vm '(chroot /host /bin/socat VSOCK-LISTEN:1234,fork EXEC:/bin/cat >/dev/null 2>&1 &)'
    foreach ($peer in 'first', 'second') {
        $client = StartProgram socat - "UNIX-CONNECT:$env:STRATOVIRT_HOME/faults.line"
        $client.StandardInput.WriteLine($peer)
        $client.StandardInput.Flush()
        Until { (Ask $vm 'cat /tmp/line') -match $peer } "the line of the $peer peer"
        $client.Kill()
        $call = @{ Client = $null }
        Until {
            $call.Client = StartProgram socat - "UNIX-CONNECT:$env:STRATOVIRT_HOME/faults.vsock"
            $call.Client.StandardInput.Write("CONNECT 1234`n$peer`n")
            $call.Client.StandardInput.Flush()
            $call.Client.StandardOutput.ReadLine() -match '^OK'
        } "the guest taking the $peer connection"
        AssertEqual $peer $call.Client.StandardOutput.ReadLine() "the guest's echo"
        $call.Client.Kill()
        Until { (Ask $vm 'pidof cat; echo') -notmatch ' ' } "the guest's end of the $peer connection"
    }

    # The programs beside us are killed, the tap is deleted.
    foreach ($program in 'virtiofsd', 'passt') {
        foreach ($process in [System.Diagnostics.Process]::GetProcesses()) {
            if ($process.ProcessName -like "$program*") { $process.Kill() }
        }
    }
    $null = Run busybox ip link delete labtap3
    AssertFault $vm used '*virtiofsd ended*'
    AssertFault $vm idle '*virtiofsd ended*'
    AssertFault $vm user '*passt has*'
    Until { (Get-StratoDevice $vm card).Fault } 'the reason of the tap'
    AssertEqual 'Failed' "$((Get-StratoDevice $vm used).State)" 'state of the share'
    AssertEqual '0 0' (Ask $vm 'echo $(cat /sys/class/net/eth0/carrier /sys/class/net/eth1/carrier)') 'carriers of the cards'
    AssertEqual 'alive' (Ask $vm 'echo alive') 'the guest'
    AssertEqual 'Running' "$((Get-StratoVm $vm.Name).State)" 'the machine'
    # Without writing back: what is mounted from a share that nobody serves would be waited for without end.
    $vm | Send-StratoConsole -Text 'poweroff -nf'
    $vm | Wait-StratoVm -State Stopped -TimeoutSeconds 60
}
