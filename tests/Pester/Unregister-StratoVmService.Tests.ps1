BeforeDiscovery { $hasSystemd = Test-Path /run/systemd/system }

BeforeAll {
    . "$PSScriptRoot/Session.ps1"
    Enter-Store
}

AfterAll { Exit-Store }

Describe 'Unregister-StratoVmService' {
    AfterEach { Clear-Store }

    It 'says what is missing where there is no systemd' -Skip:$hasSystemd {
        Unregister-StratoVmService web -ErrorAction SilentlyContinue -ErrorVariable failures
        $failures.FullyQualifiedErrorId | Should -BeLike 'StratoVirt.SystemdMissing,*'
        $failures[0].ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
    }

    It 'says which unit there is not' -Skip:(-not $hasSystemd) {
        { Unregister-StratoVmService nobody -User -ErrorAction Stop } | Should -Throw -ErrorId 'StratoVirt.NotRegistered*'
    }

    It 'completes names' {
        $null = New-StratoVm web1 -BuiltIn -Memory 16MB
        Complete 'Unregister-StratoVmService w' | Should -Be 'web1'
    }
}
