BeforeDiscovery {
    . "$PSScriptRoot/Session.ps1"
    $noKvm = -not (Test-Kvm)
}

BeforeAll {
    . "$PSScriptRoot/Session.ps1"
    Enter-Store
}

AfterAll { Exit-Store }

Describe 'Suspend-StratoVm' {
    AfterEach { Clear-Store }

    It 'is an error for a machine that is stopped, and says how to start it' {
        $null = New-StratoVm vm -BuiltIn
        Suspend-StratoVm vm -ErrorAction SilentlyContinue -ErrorVariable failures
        $failures.FullyQualifiedErrorId | Should -BeLike 'StratoVirt.NotRunning,*'
        $failures[0].ErrorDetails.RecommendedAction | Should -BeLike '*Start-StratoVm vm*'
    }

    Context 'with a running guest, needs /dev/kvm' -Tag Kvm -Skip:$noKvm {
        It 'holds machines from the pipeline, and shows them as Paused' {
            Start-Hello
            (Get-StratoVm hello | Suspend-StratoVm -PassThru).State | Should -Be Paused
            (Get-View (Get-StratoVm))[-1] | Should -Match '^hello +Paused '
            Complete 'Resume-StratoVm ' | Should -Be 'hello'
        }

        It 'leaves them alone under -WhatIf' {
            Start-Hello
            Suspend-StratoVm hello -WhatIf
            (Get-StratoVm hello).State | Should -Be Running
        }
    }
}
