BeforeDiscovery {
    . "$PSScriptRoot/Session.ps1"
    $noKvm = -not (Test-Kvm)
}

BeforeAll { . "$PSScriptRoot/Session.ps1" }

Describe 'Test-StratoHost' {
    It 'says with -Quiet what the checks say' {
        $test = Test-StratoHost
        Test-StratoHost -Quiet | Should -Be $test.Passed
        $test.Passed | Should -Be ('Failed' -notin $test.Checks.Outcome)
        $test.Checks.Name | Should -Be 'KVM', 'Capabilities', 'Stock kernels', 'Built-in guest'
    }

    It 'shows a line for each check, and what follows' {
        $text = (Get-View (Test-StratoHost)) -join "`n"
        $text | Should -Match '(?m)^\w+ +KVM '
        $text | Should -Match '(?m)^\w+ +Built-in guest '
    }

    It 'says what to do where there is no KVM' -Skip:(-not $noKvm) {
        (Test-StratoHost).RecommendedAction | Should -Not -BeNullOrEmpty
    }

    Context 'with a running guest, needs /dev/kvm' -Tag Kvm -Skip:$noKvm {
        It 'runs the built-in guest, and leaves no machine behind' {
            (Test-StratoHost).Checks[-1].Outcome | Should -Be Passed
            (Get-StratoVm).Name | Should -Not -Contain 'stratovirt-host-test'
        }
    }
}
