BeforeDiscovery {
    . "$PSScriptRoot/Session.ps1"
    $noKvm = -not (Test-Kvm)
}

BeforeAll {
    . "$PSScriptRoot/Session.ps1"
    Enter-Store
}

AfterAll { Exit-Store }

Describe 'Enter-StratoConsole' {
    AfterEach { Clear-Store }

    It 'is an error for a machine that is stopped, and for a key that is none' {
        $null = New-StratoVm vm -BuiltIn
        { Enter-StratoConsole vm -ErrorAction Stop } | Should -Throw -ErrorId 'StratoVirt.NotRunning*'
        { Enter-StratoConsole vm -EscapeKey x -ErrorAction Stop } | Should -Throw -ErrorId 'StratoVirt.EscapeKeyInvalid*'
    }

    Context 'with a running guest, needs /dev/kvm' -Tag Kvm -Skip:$noKvm {
        It 'says what to use where there is no terminal' {
            $null = New-StratoVm hello -BuiltIn -Memory 16MB
            $said = setsid --wait ([System.Environment]::ProcessPath) -NoProfile -Command @"
                Import-Module '$Manifest'
                Start-StratoVm hello
                Enter-StratoConsole hello -ErrorAction SilentlyContinue -ErrorVariable failures
                `$failures.FullyQualifiedErrorId
                `$failures.ErrorDetails.RecommendedAction
"@
            $said[0] | Should -BeLike 'StratoVirt.NoTerminal,*'
            $said[1] | Should -BeLike '*Receive-StratoConsole hello -Follow*'
        }

        It 'offers machines that run' {
            Start-Hello
            $null = New-StratoVm other -BuiltIn
            Complete 'Enter-StratoConsole ' | Should -Be 'hello'
        }
    }
}
