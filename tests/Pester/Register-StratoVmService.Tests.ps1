BeforeAll {
    . "$PSScriptRoot/Session.ps1"
    Enter-Store
}

AfterAll { Exit-Store }

Describe 'Register-StratoVmService' {
    BeforeEach { $null = 'web1', 'web2' | ForEach-Object { New-StratoVm $_ -BuiltIn -Memory 16MB } }

    AfterEach {
        Clear-Store
        Remove-Item "$Root/units" -Recurse -Force -ErrorAction Ignore
    }

    It 'writes a unit for each machine of the pipeline' {
        $services = Get-StratoVm web* | Register-StratoVmService -Path units -PassThru
        $services.Name | Should -Be 'web1', 'web2'
        $services.Path | Should -Be "$Root/units/stratovirt-web1.service", "$Root/units/stratovirt-web2.service"
        $services.Path | Should -Exist
    }

    It 'has the unit start the machine with this very module' {
        Register-StratoVmService web1 -Path units
        $unit = Get-Content units/stratovirt-web1.service -Raw
        $unit | Should -BeLike "*Import-Module '$Manifest'; Start-StratoVm 'web1' -Detached*"
        $unit | Should -BeLike "*STRATOVIRT_HOME=$env:STRATOVIRT_HOME*"
    }

    It 'writes nothing under -WhatIf' {
        Get-StratoVm | Register-StratoVmService -Path units -WhatIf
        "$Root/units" | Should -Not -Exist
    }

    It 'leaves a unit of somebody else alone' {
        $null = New-Item units -ItemType Directory
        Set-Content units/stratovirt-web1.service '[Unit]'
        { Register-StratoVmService web1 -Path units -ErrorAction Stop } | Should -Throw -ErrorId 'StratoVirt.FileExists*'
        Get-Content units/stratovirt-web1.service | Should -Be '[Unit]'
    }

    It 'names the machine there is not' {
        { Register-StratoVmService nobody -Path units -ErrorAction Stop } | Should -Throw -ErrorId 'StratoVirt.NotFound*'
    }

    It 'completes names' { Complete 'Register-StratoVmService w' | Should -Be 'web1', 'web2' }
}
