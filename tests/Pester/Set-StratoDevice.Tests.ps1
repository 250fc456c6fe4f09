BeforeAll {
    . "$PSScriptRoot/Session.ps1"
    Enter-Store
}

AfterAll { Exit-Store }

Describe 'Set-StratoDevice' {
    BeforeEach {
        $null = New-StratoVm web -BuiltIn
        Add-StratoDevice web -Disk ./a.img
        Add-StratoDevice web -Balloon
        Add-StratoDevice web -Network -User
    }

    AfterEach { Clear-Store }

    It 'changes what is given, and emits the device with -PassThru' {
        Set-StratoDevice web disk0 -Bandwidth '20MiB' -Operations 500 | Should -BeNullOrEmpty
        $disk = Set-StratoDevice web disk0 -Operations 0 -PassThru
        $disk.Settings['RateLimit']['Bandwidth'] | Should -Be 20MB
        $disk.Settings['RateLimit']['Operations'] | Should -BeNullOrEmpty
    }

    It 'takes devices from the pipeline' {
        (Get-StratoDevice web -Kind Balloon | Set-StratoDevice -Size 64MB -PassThru).Settings['Size'] | Should -Be 64MB
    }

    It 'takes a truth for the cable' {
        (Set-StratoDevice web net0 -LinkUp $false -PassThru).Settings['LinkUp'] | Should -BeFalse
        (Set-StratoDevice web net0 -LinkUp:$true -PassThru).Settings['LinkUp'] | Should -BeTrue
    }

    It 'refuses a setting the kind does not have' {
        { Set-StratoDevice web disk0 -Size 1MB -ErrorAction Stop } | Should -Throw -ErrorId 'StratoVirt.SettingUnfit*'
        { Set-StratoDevice web disk0 -Operations -1 } | Should -Throw -ErrorId 'ParameterArgumentValidationError*'
        { Set-StratoDevice web disk9 -Operations 1 -ErrorAction Stop } | Should -Throw -ErrorId 'StratoVirt.NoSuchDevice*'
    }

    It 'changes nothing under -WhatIf' {
        Set-StratoDevice web balloon -Size 64MB -WhatIf
        (Get-StratoDevice web balloon).Settings['Size'] | Should -Be 0
    }

    It 'completes devices of the machine that is typed' { Complete 'Set-StratoDevice web b' | Should -Be 'balloon' }
}
