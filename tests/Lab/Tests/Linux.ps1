# Debian's stock kernels on the microVM.

. "$PSScriptRoot/../Guest.ps1"

$boots = @(
    @{ Flavor = 'Generic'; Format = 'BzImage'; Cpus = 1; Memory = 96MB }
    @{ Flavor = 'Generic'; Format = 'Elf'; Cpus = 4; Memory = 4GB }
    @{ Flavor = 'Cloud'; Format = 'BzImage'; Cpus = 4; Memory = 96MB }
    @{ Flavor = 'Cloud'; Format = 'Elf'; Cpus = 1; Memory = 4GB }
    @{ Flavor = 'Generic'; Format = 'BzImage'; Cpus = 4; Memory = 256MB; NoAcpi = $true }
)
foreach ($boot in $boots) {
    $name = "Debian's $($boot.Flavor) kernel boots as $($boot.Format), $($boot.Cpus) vCPUs, $($boot.Memory / 1MB) MiB"
    if ($boot.NoAcpi) { $name += ', MP table' }
    Test $name -TimeoutSeconds 300 -Attempts 2 {
        $vm = StartGuest @boot
        $answer = AskGuest $vm 'nproc; grep MemTotal /proc/meminfo; uname -r'
        AssertEqual "$($boot.Cpus)" $answer[0] 'vCPUs online'
        $kib = [ulong] ($answer[1] -replace '\D')
        Assert ($kib -gt $boot.Memory / 1KB * 0.4 -and $kib -le $boot.Memory / 1KB) "the guest sees $kib KiB"
        Assert ($answer[2] -match '^\d+\.\d+\..*amd64$') "uname said '$($answer[2])'"
        if ($boot.NoAcpi) {
            # Without ACPI a guest has no way to turn itself off.
            $vm | Stop-StratoVm -TurnOff -Confirm:$false
        } else {
            StopFromInside $vm
        }
    }
}

# Without reboot=k Linux goes back to real mode and jumps to where a PC has its firmware.
foreach ($commandLine in 'console=ttyS0 reboot=k quiet', 'console=ttyS0 quiet') {
    Test "reboot boots again, with '$commandLine'" -TimeoutSeconds 300 -Attempts 2 {
        $vm = StartGuest -CommandLine $commandLine
        $before = (AskGuest $vm 'cat /proc/sys/kernel/random/boot_id')[0]
        $vm | Send-StratoConsole -Text 'reboot'
        $limit = [System.Diagnostics.Stopwatch]::StartNew()
        while ((Get-StratoVm $vm.Name).Resets -eq 0) {
            Assert ($limit.Elapsed.TotalSeconds -lt 60) 'the guest did not reset the machine'
            [System.Threading.Thread]::Sleep(100)
        }

        # The shell prompts once more before the machine goes down: only what is printed behind the reset counts.
        $written = ($vm | Receive-StratoConsole -Raw).Length
        while (-not ($vm | Receive-StratoConsole -Raw).Substring($written).Contains($script:Prompt)) {
            Assert ($limit.Elapsed.TotalSeconds -lt 150) 'the guest did not come back'
            [System.Threading.Thread]::Sleep(200)
        }
        $after = (AskGuest $vm 'cat /proc/sys/kernel/random/boot_id')[0]
        Assert ($before -cne $after) "the boot id is still $before"
        StopFromInside $vm
    }
}

Test "a suspended guest's clock goes on" -TimeoutSeconds 300 -Attempts 2 {
    $vm = StartGuest
    $offset = { [double] (AskGuest $vm 'cut -d" " -f1 /proc/uptime; date +%s')[-1] - [System.DateTimeOffset]::UtcNow.ToUnixTimeMilliseconds() / 1000 }
    $before = & $offset
    $vm | Suspend-StratoVm
    AssertEqual 'Paused' "$((Get-StratoVm $vm.Name).State)"
    [System.Threading.Thread]::Sleep(8000)
    $vm | Resume-StratoVm
    $after = & $offset
    Assert ([math]::Abs($after - $before) -lt 4) "the guest's clock moved by $($after - $before) s against the host's"
    $log = AskGuest $vm 'dmesg | grep -ci lockup'
    AssertEqual '0' $log[0] 'lockups reported'
    StopFromInside $vm
}

Test 'the power button shuts a guest down, and a guest that ignores it is turned off in the time given' -TimeoutSeconds 300 -Attempts 2 {
    $vm = StartGuest
    $vm | Stop-StratoVm -TimeoutSeconds 60 -Confirm:$false
    AssertEqual 'guest-shutdown' (Get-StratoVm $vm.Name).Cause

    $vm | Start-StratoVm
    $vm | Wait-StratoVm -ConsoleText $script:Prompt -SimpleMatch -TimeoutSeconds 150
    $null = AskGuest $vm 'killall acpid'
    $null = AssertThrows { $vm | Stop-StratoVm -TimeoutSeconds 2 -Confirm:$false -ErrorAction Stop } 'StratoVirt.Timeout*'
    AssertEqual 'Running' "$((Get-StratoVm $vm.Name).State)"
    $vm | Stop-StratoVm -TimeoutSeconds 2 -Force -Confirm:$false
    AssertEqual 'Stopped' "$((Get-StratoVm $vm.Name).State)"
}
