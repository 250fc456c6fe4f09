BeforeAll {
    . "$PSScriptRoot/Session.ps1"
    Enter-Store
}

AfterAll { Exit-Store }

Describe 'Remove-StratoDevice' {
    BeforeEach {
        $null = New-StratoVm web -BuiltIn
        'a.img', 'b.img' | ForEach-Object { Add-StratoDevice web -Disk $_ }
        Add-StratoDevice web -Entropy
    }

    AfterEach { Clear-Store }

    It 'removes what is named and leaves the others' {
        Remove-StratoDevice web disk* | Should -BeNullOrEmpty
        (Get-StratoDevice web).Name | Should -Be 'rng'
    }

    It 'takes devices from the pipeline' {
        Get-StratoDevice web -Kind Entropy | Remove-StratoDevice
        (Get-StratoDevice web).Name | Should -Be 'disk0', 'disk1'
    }

    It 'removes nothing under -WhatIf' {
        Get-StratoDevice web | Remove-StratoDevice -WhatIf
        Get-StratoDevice web | Should -HaveCount 3
    }

    It 'reports a device that is not there, and removes the others' {
        Remove-StratoDevice web disk1, disk2, rng -ErrorAction SilentlyContinue -ErrorVariable failures
        $failures.FullyQualifiedErrorId | Should -BeLike 'StratoVirt.NoSuchDevice,*'
        (Get-StratoDevice web).Name | Should -Be 'disk0'
    }

    It 'reports one that went away on the way through the pipeline' {
        $device = Get-StratoDevice web rng
        Remove-StratoDevice web rng
        { $device | Remove-StratoDevice -ErrorAction Stop } | Should -Throw -ErrorId 'StratoVirt.NoSuchDevice*'
    }

    It 'completes devices of the machine that is typed' { Complete 'Remove-StratoDevice web d' | Should -Be 'disk0', 'disk1' }
}
