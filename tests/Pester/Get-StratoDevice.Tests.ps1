BeforeAll {
    . "$PSScriptRoot/Session.ps1"
    Enter-Store
    $null = 'web', 'db' | ForEach-Object { New-StratoVm $_ -BuiltIn }
    Add-StratoDevice web -Name root -Disk ./root.img
    Add-StratoDevice web -Network -User
    Add-StratoDevice db -Name root -Disk ./db.img
}

AfterAll { Exit-Store }

Describe 'Get-StratoDevice' {
    It 'takes <Case>' -ForEach @(
        @{ Case = 'nothing'; Script = { Get-StratoDevice }; Expected = 'db/root', 'web/root', 'web/net0' }
        @{ Case = 'a machine'; Script = { Get-StratoDevice web }; Expected = 'web/root', 'web/net0' }
        @{ Case = 'a machine and a device'; Script = { Get-StratoDevice web NET0 }; Expected = 'web/net0' }
        @{ Case = 'patterns'; Script = { Get-StratoDevice * r* }; Expected = 'db/root', 'web/root' }
        @{ Case = 'machines from the pipeline'; Script = { Get-StratoVm db | Get-StratoDevice }; Expected = 'db/root' }
        @{ Case = 'a kind'; Script = { Get-StratoDevice -Kind Network }; Expected = 'web/net0' }
    ) {
        & $Script | ForEach-Object ToString | Should -Be $Expected
    }

    It 'reports a device that is not there, and says which are' {
        { Get-StratoDevice web disk7 -ErrorAction Stop } | Should -Throw -ErrorId 'StratoVirt.NoSuchDevice*'
        Get-StratoDevice web disk7 -ErrorAction SilentlyContinue -ErrorVariable failures
        $failures[0].ErrorDetails.RecommendedAction | Should -BeLike '*root, net0*'
        Get-StratoDevice web 'disk*' -ErrorAction Stop | Should -BeNullOrEmpty
    }

    It 'is a table' {
        $lines = Get-View (Get-StratoDevice web)
        $lines[0] | Should -Match '^VM\s+Name\s+Kind\s+State\s+Backend$'
        $lines[2] | Should -Match '^web\s+root\s+Disk\s+Defined\s+\S+/root\.img$'
        $lines[3] | Should -Match '^web\s+net0\s+Network\s+Defined\s+user$'
    }

    It 'completes machines, their devices, and kinds' {
        Complete 'Get-StratoDevice w' | Should -Be 'web'
        Complete 'Get-StratoDevice db ' | Should -Be 'root'
        Complete 'Get-StratoDevice -Kind Ba' | Should -Be 'Balloon'
    }
}
