BeforeDiscovery {
    . "$PSScriptRoot/Session.ps1"
    $noKvm = -not (Test-Kvm)
}

BeforeAll {
    . "$PSScriptRoot/Session.ps1"
    Enter-Store
}

AfterAll { Exit-Store }

Describe 'Measure-StratoVm' {
    AfterEach { Clear-Store }

    It 'is an error for a machine that is stopped' {
        $null = New-StratoVm vm -BuiltIn
        { Measure-StratoVm vm -ErrorAction Stop } | Should -Throw -ErrorId 'StratoVirt.NotRunning*'
        { Measure-StratoVm vm -IntervalSeconds 0 } | Should -Throw -ErrorId 'ParameterArgumentValidationError*'
    }

    Context 'with a running guest, needs /dev/kvm' -Tag Kvm -Skip:$noKvm {
        BeforeEach { Start-Hello }

        It 'emits one object for each machine and look' {
            $null = New-StratoVm other -BuiltIn -Memory 16MB | Start-StratoVm
            $measures = Get-StratoVm | Measure-StratoVm -Count 2 -IntervalSeconds 0.1
            $measures.Name | Should -Be 'hello', 'other', 'hello', 'other'
            $measures[0].ExitsPerSecond | Should -BeGreaterOrEqual 0
            $measures[0].GuestMemory | Should -Be 16MB
        }

        It 'looks once, with no rate' {
            $measure = Measure-StratoVm hello -Count 0
            $measure.ExitsPerSecond | Should -BeNullOrEmpty
            (Get-View $measure)[-1] | Should -Match '^hello .* of 16'
        }

        It 'lets a pipeline that has enough end it' {
            Measure-StratoVm hello -Follow -IntervalSeconds 0.1 | Select-Object -First 2 | Should -HaveCount 2
        }
    }
}
