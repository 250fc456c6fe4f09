BeforeAll {
    . "$PSScriptRoot/Session.ps1"
    Enter-Store
}

AfterAll { Exit-Store }

Describe 'Add-StratoDevice' {
    BeforeEach { $null = 'web1', 'web2' | ForEach-Object { New-StratoVm $_ -BuiltIn } }

    AfterEach { Clear-Store }

    It 'emits nothing, or the device with -PassThru, under a name that is free' {
        Add-StratoDevice web1 -Disk ./a.img | Should -BeNullOrEmpty
        $device = Add-StratoDevice web1 -Disk ./b.img -ReadOnly -PassThru
        $device | Should -BeOfType StratoVirt.PowerShell.StratoDevice
        $device.Name | Should -Be 'disk1'
        $device.Kind | Should -Be Disk
        $device.Backend | Should -Be "$Root/b.img"
        $device.Settings['ReadOnly'] | Should -BeTrue
        (Get-StratoVm web1).Devices | Should -Be 'disk0', 'disk1'
        (Get-StratoVm web1).Devices[1] | Should -Be 'disk1'
    }

    It 'adds to machines from the pipeline' {
        (Get-StratoVm web* | Add-StratoDevice -Entropy -PassThru | ForEach-Object ToString) | Should -Be 'web1/rng', 'web2/rng'
    }

    It 'has a set of parameters for each kind: <Kind>' -ForEach @(
        @{ Kind = 'Disk'; Parameters = @{ Disk = 'x'; Direct = $true; Bandwidth = '10MiB' } }
        @{ Kind = 'Network'; Parameters = @{ Network = $true; User = $true; Forward = '2222:22' } }
        @{ Kind = 'Port'; Parameters = @{ Port = $true; Socket = 'p.sock' } }
        @{ Kind = 'Share'; Parameters = @{ Share = '.' } }
        @{ Kind = 'PersistentMemory'; Parameters = @{ PersistentMemory = 'pmem.img' } }
        @{ Kind = 'Memory'; Parameters = @{ Memory = $true; Maximum = 1GB } }
        @{ Kind = 'Entropy'; Parameters = @{ Entropy = $true; Operations = 5 } }
        @{ Kind = 'Balloon'; Parameters = @{ Balloon = $true; Size = 64MB } }
        @{ Kind = 'Vsock'; Parameters = @{ Vsock = $true; Cid = 7 } }
    ) {
        (Add-StratoDevice web1 @Parameters -PassThru -ErrorAction Stop).Kind | Should -Be $Kind
    }

    It 'refuses parameters of two kinds' {
        { Add-StratoDevice web1 -Disk x -Balloon } | Should -Throw -ErrorId 'AmbiguousParameterSet*'
    }

    It 'refuses <Case>' -ForEach @(
        @{ Case = 'a second balloon'; Script = { Add-StratoDevice web1 -Balloon; Add-StratoDevice web1 -Balloon -Name other -ErrorAction Stop }; Id = 'StratoVirt.SettingUnfit*' }
        @{ Case = 'a burst without a limit'; Script = { Add-StratoDevice web1 -Disk x -BandwidthBurst 1MB -ErrorAction Stop }; Id = 'StratoVirt.SettingUnfit*' }
        @{ Case = 'a network card on nothing'; Script = { Add-StratoDevice web1 -Network -ErrorAction Stop }; Id = 'StratoVirt.*' }
        @{ Case = 'a machine that is not there'; Script = { Add-StratoDevice wbe1 -Balloon -ErrorAction Stop }; Id = 'StratoVirt.NotFound*' }
    ) {
        $Script | Should -Throw -ErrorId $Id
    }

    It 'adds nothing under -WhatIf' {
        Add-StratoDevice web* -Balloon -WhatIf
        Get-StratoDevice | Should -BeNullOrEmpty
    }

    It 'completes the parameters of the kind that is typed' {
        $offered = Complete 'Add-StratoDevice web1 -Network -'
        $offered | Should -Contain '-Tap'
        $offered | Should -Not -Contain '-Serial'
        Complete 'Add-StratoDevice w' | Should -Be 'web1', 'web2'
    }
}
