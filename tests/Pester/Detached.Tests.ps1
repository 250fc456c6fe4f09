BeforeDiscovery {
    . "$PSScriptRoot/Session.ps1"
    $noHost = -not (Test-Kvm) -or -not [System.IO.File]::Exists("$PSScriptRoot/../../bin/stratovirt")
}

BeforeAll {
    . "$PSScriptRoot/Session.ps1"
    Enter-Store

    # A machine in a host process of its own, at its first prompt.
    function Start-Apart([string] $Name = 'apart') {
        New-StratoVm $Name -BuiltIn -Memory 16MB | Start-StratoVm -Detached
        Wait-StratoVm $Name -ConsoleText 'hello> $' -TimeoutSeconds 60
    }

    # The events of a subscription, as they come, until there are so many.
    function Wait-Change([string] $Source, [int] $Count) {
        for ($end = [datetime]::UtcNow.AddSeconds(30); @(Get-Event $Source -ErrorAction Ignore).Count -lt $Count -and [datetime]::UtcNow -lt $end;) {
            $null = Wait-Event $Source -Timeout 1
            Start-Sleep -Milliseconds 50
        }
        Get-Event $Source -ErrorAction Ignore | ForEach-Object { "$($_.SourceEventArgs.Before)-$($_.SourceEventArgs.State)" }
        Remove-Event $Source -ErrorAction Ignore
    }
}

AfterAll { Exit-Store }

Describe 'Machines that outlive their session, need the host program and /dev/kvm' -Tag Kvm -Skip:$noHost {
    AfterEach {
        Get-EventSubscriber | Unregister-Event
        Clear-Store
    }

    It 'tell this session of their changes by Register-ObjectEvent' {
        Start-Apart
        $vm = Get-StratoVm apart
        $null = Register-ObjectEvent $vm StateChanged -SourceIdentifier apart
        Suspend-StratoVm apart
        Wait-Change apart 1 | Should -Be 'Running-Paused'
        Resume-StratoVm apart
        Wait-Change apart 1 | Should -Be 'Paused-Running'
        Stop-StratoVm apart
        Wait-Change apart 1 | Should -Be 'Running-Stopped'
        $vm | Start-StratoVm -Detached
        Wait-Change apart 1 | Should -BeLike 'Stopped-*'
    }

    It 'tell of a host that was killed' {
        Start-Apart
        $vm = Get-StratoVm apart
        $null = Register-ObjectEvent $vm StateChanged -SourceIdentifier killed
        Stop-Process -Id $vm.ProcessId -Force
        Wait-Change killed 1 | Should -Be 'Running-Stopped'
        $vm.Cause | Should -Be 'host-error'
        $vm.Problem | Should -Match 'Process \d+, which ran it, died'
    }

    It 'run an action, which knows the machine' {
        Start-Apart
        $seen = [System.Collections.Concurrent.ConcurrentQueue[string]]::new()
        $null = Register-ObjectEvent (Get-StratoVm apart) StateChanged -MessageData $seen -Action {
            $Event.MessageData.Enqueue("$($Sender.Name) $($EventArgs.State)")
        }
        Suspend-StratoVm apart
        for ($i = 0; $seen.Count -eq 0 -and $i -lt 300; $i++) { Start-Sleep -Milliseconds 100 }
        $seen | Should -Be 'apart Paused'
    }
}
