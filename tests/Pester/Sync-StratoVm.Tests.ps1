BeforeAll {
    . "$PSScriptRoot/Session.ps1"
    Enter-Store

    # A document of a machine, with more lines at its end.
    function New-Document([string] $Name, [string] $More = '') {
        $text = "apiVersion: stratovirt/v1`nkind: VirtualMachine`nmetadata: { name: $Name }`nspec:`n  boot: { builtIn: true }`n$More"
        $null = New-Item "$Root/fleet/$Name.yaml" -Value $text -Force
    }
}

AfterAll { Exit-Store }

Describe 'Sync-StratoVm' {
    AfterEach {
        Clear-Store
        Remove-Item "$Root/fleet" -Recurse -ErrorAction Ignore
    }

    It 'brings machines to what files say, and finds nothing to do the second time' {
        New-Document web "  cpus: 2`n"; New-Document db
        $first = Sync-StratoVm ./fleet/*.yaml
        $first | ForEach-Object ToString | Should -Be 'db', 'web'
        $first.Changed | Should -Be $true, $true
        (Get-StratoVm web).Cpus | Should -Be 2
        (Sync-StratoVm ./fleet/*.yaml).Changed | Should -Be $false, $false
    }

    It 'takes files from Get-ChildItem, and text' {
        New-Document web
        (Get-ChildItem fleet | Sync-StratoVm).Name | Should -Be 'web'
        (Sync-StratoVm -Definition (Get-Content fleet/web.yaml -Raw)).Changed | Should -BeFalse
    }

    It 'says with -WhatIf what would be done, and does nothing' {
        New-Document web "  cpus: 2`n"
        $plan = Sync-StratoVm ./fleet/*.yaml -WhatIf
        $plan.Changed | Should -BeTrue
        $plan.Diff[0].Path | Should -Be 'state'
        Get-StratoVm | Should -BeNullOrEmpty
    }

    It 'changes nothing when one document cannot be used' {
        New-Document good; New-Document bad "  cpu: 2`n"
        { Sync-StratoVm ./fleet/*.yaml -ErrorAction SilentlyContinue } | Should -Throw -ErrorId 'StratoVirt.FleetInvalid*'
        Get-StratoVm | Should -BeNullOrEmpty
    }

    It 'removes with -Prune what came from the files and is in none any more' {
        New-Document one; New-Document two
        $null = New-StratoVm other -BuiltIn
        $null = Sync-StratoVm ./fleet/*.yaml
        Remove-Item fleet/two.yaml
        $null = Sync-StratoVm ./fleet/*.yaml -Prune -Confirm:$false
        (Get-StratoVm).Name | Should -Be 'one', 'other'
    }

    It 'completes states and file names' {
        New-Document web
        Complete 'Sync-StratoVm x -State Run' | Should -Be 'Running'
        Complete 'Sync-StratoVm ./fleet/w' | Should -BeLike '*fleet/web.yaml'
    }
}
