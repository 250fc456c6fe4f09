BeforeDiscovery {
    . "$PSScriptRoot/Session.ps1"
    $noKvm = -not (Test-Kvm)
}

BeforeAll {
    . "$PSScriptRoot/Session.ps1"
    Enter-Store
}

AfterAll { Exit-Store }

Describe 'Restart-StratoVm' {
    AfterEach { Clear-Store }

    It 'is an error for a machine that is stopped' {
        $null = New-StratoVm vm -BuiltIn
        { Restart-StratoVm vm -ErrorAction Stop } | Should -Throw -ErrorId 'StratoVirt.NotRunning*'
    }

    Context 'with a running guest, needs /dev/kvm' -Tag Kvm -Skip:$noKvm {
        It 'starts again with the definition as it is now' {
            Start-Hello
            Set-StratoVm hello -Memory 32MB -WarningAction SilentlyContinue
            (Restart-StratoVm hello -TimeoutSeconds 60 -PassThru).State | Should -Be Running
            Wait-StratoVm hello -ConsoleText 'memory +32 ' -TimeoutSeconds 60
        }

        It 'resets with -Force, and counts it' {
            Start-Hello
            Restart-StratoVm hello -Force -WhatIf
            (Get-StratoVm hello).Resets | Should -Be 0
            Restart-StratoVm hello -Force
            (Get-StratoVm hello).Resets | Should -Be 1
        }
    }
}
