BeforeDiscovery {
    . "$PSScriptRoot/Session.ps1"
    $noKvm = -not (Test-Kvm)
}

BeforeAll {
    . "$PSScriptRoot/Session.ps1"
    Enter-Store
}

AfterAll { Exit-Store }

Describe 'Resume-StratoVm' {
    AfterEach { Clear-Store }

    It 'is an error for a machine that is stopped' {
        $null = New-StratoVm vm -BuiltIn
        { Resume-StratoVm vm -ErrorAction Stop } | Should -Throw -ErrorId 'StratoVirt.NotRunning*'
    }

    Context 'with a running guest, needs /dev/kvm' -Tag Kvm -Skip:$noKvm {
        It 'lets the guest go on where it was' {
            Start-Hello
            Suspend-StratoVm hello
            (Get-StratoVm -State Paused | Resume-StratoVm -PassThru).State | Should -Be Running
            Send-StratoConsole hello 'still there'
            Wait-StratoVm hello -ConsoleText 'you said: still there' -TimeoutSeconds 60
        }

        It 'only warns about a machine that is not held' {
            Start-Hello
            Resume-StratoVm hello -WarningVariable warnings -WarningAction SilentlyContinue -ErrorAction Stop
            $warnings | Should -HaveCount 1
        }
    }
}
