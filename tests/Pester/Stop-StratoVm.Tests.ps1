BeforeDiscovery {
    . "$PSScriptRoot/Session.ps1"
    $noKvm = -not (Test-Kvm)
}

BeforeAll {
    . "$PSScriptRoot/Session.ps1"
    Enter-Store
}

AfterAll { Exit-Store }

Describe 'Stop-StratoVm' {
    AfterEach { Clear-Store }

    It 'only warns about a machine that is stopped' {
        $null = New-StratoVm vm -BuiltIn
        (Stop-StratoVm vm -PassThru -WarningVariable warnings -WarningAction SilentlyContinue).Name | Should -Be 'vm'
        $warnings | Should -HaveCount 1
        "$warnings" | Should -BeLike '*vm*'
    }

    It 'refuses a time that is none' {
        { Stop-StratoVm vm -TimeoutSeconds -1 } | Should -Throw -ErrorId 'ParameterArgumentValidationError*'
    }

    Context 'with a running guest, needs /dev/kvm' -Tag Kvm -Skip:$noKvm {
        It 'asks the guest, and says why the machine ended' {
            Start-Hello
            $vm = Get-StratoVm hello | Stop-StratoVm -TimeoutSeconds 60 -PassThru
            $vm.State | Should -Be Stopped
            $vm.Cause | Should -Be 'guest-shutdown'
        }

        It 'turns off at once with -TurnOff, unless -WhatIf' {
            Start-Hello
            Stop-StratoVm hello -TurnOff -WhatIf
            (Get-StratoVm hello).State | Should -Be Running
            Stop-StratoVm hello -TurnOff -Confirm:$false
            (Get-StratoVm hello).Cause | Should -Be 'host-qmp-quit'
        }

        It 'says when a guest does not shut down in time, and with -Force turns it off' {
            Start-Hello
            Suspend-StratoVm hello
            { Stop-StratoVm hello -ErrorAction Stop } | Should -Throw -ErrorId 'StratoVirt.InvalidState*'
            (Stop-StratoVm hello -Force -PassThru).State | Should -Be Stopped
        }

        It 'offers machines that run' {
            Start-Hello
            $null = New-StratoVm other -BuiltIn
            Complete 'Stop-StratoVm ' | Should -Be 'hello'
        }
    }
}
