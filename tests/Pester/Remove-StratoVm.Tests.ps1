BeforeDiscovery {
    . "$PSScriptRoot/Session.ps1"
    $noKvm = -not (Test-Kvm)
}

BeforeAll {
    . "$PSScriptRoot/Session.ps1"
    Enter-Store
}

AfterAll { Exit-Store }

Describe 'Remove-StratoVm' {
    BeforeEach { $null = 'web1', 'web2', 'db' | ForEach-Object { New-StratoVm $_ -BuiltIn -Memory 16MB } }

    AfterEach { Clear-Store }

    It 'is of high impact, so that it asks' {
        (Get-Command Remove-StratoVm).ImplementingType.GetCustomAttributes([System.Management.Automation.CmdletAttribute], $true).ConfirmImpact |
            Should -Be High
    }

    It 'removes what is named and leaves the others' {
        Remove-StratoVm web* -Confirm:$false | Should -BeNullOrEmpty
        (Get-StratoVm).Name | Should -Be 'db'
        "$env:STRATOVIRT_HOME/vms/web1" | Should -Not -Exist
    }

    It 'takes machines, names and files from the pipeline' {
        Get-StratoVm web1 | Remove-StratoVm -Confirm:$false
        'web2' | Remove-StratoVm -Confirm:$false
        (Get-StratoVm).Name | Should -Be 'db'
    }

    It 'removes nothing under -WhatIf' {
        Get-StratoVm | Remove-StratoVm -WhatIf
        Get-StratoVm | Should -HaveCount 3
    }

    It 'honours $ConfirmPreference' {
        $ConfirmPreference = 'None'
        Remove-StratoVm db
        Get-StratoVm db* | Should -BeNullOrEmpty
    }

    It 'removes a machine whose definition is broken' {
        Set-Content "$env:STRATOVIRT_HOME/vms/db/vm.yaml" 'apiVersion: [' -NoNewline
        { Get-StratoVm db -ErrorAction Stop } | Should -Throw -ErrorId 'StratoVirt.*'
        Remove-StratoVm db -Confirm:$false
        "$env:STRATOVIRT_HOME/vms/db" | Should -Not -Exist
    }

    Context 'with a running guest, needs /dev/kvm' -Tag Kvm -Skip:$noKvm {
        It 'refuses a machine that runs, unless -Force turns it off' {
            Start-StratoVm db
            { Remove-StratoVm db -Confirm:$false -ErrorAction Stop } | Should -Throw -ErrorId 'StratoVirt.Running*'
            (Get-StratoVm db).State | Should -Be Running
            Remove-StratoVm db -Force -Confirm:$false
            Get-StratoVm db* | Should -BeNullOrEmpty
        }
    }
}
