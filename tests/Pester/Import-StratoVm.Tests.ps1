BeforeAll {
    . "$PSScriptRoot/Session.ps1"
    Enter-Store

    # A document like those of the topic, with more lines at its end.
    function New-Document([string] $Name, [string] $More = '') {
        $text = "apiVersion: stratovirt/v1`nkind: VirtualMachine`nmetadata: { name: $Name }`nspec:`n  boot: { kernel: vmlinux }`n$More"
        New-Item "$Root/machines/$Name.yaml" -Value $text -Force
    }
}

AfterAll { Exit-Store }

Describe 'Import-StratoVm' {
    AfterEach {
        Clear-Store
        Remove-Item "$Root/machines" -Recurse -ErrorAction Ignore
    }

    It 'makes a machine for each file a pattern matches' {
        $null = New-Document one; $null = New-Document two
        (Import-StratoVm ./machines/*.yaml).Name | Should -Be 'one', 'two'
        (Get-StratoVm one).Kernel | Should -Be "$Root/machines/vmlinux"
    }

    It 'takes <Case>' -ForEach @(
        @{ Case = 'files from Get-ChildItem'; Script = { Get-ChildItem machines | Import-StratoVm } }
        @{ Case = 'paths from the pipeline'; Script = { 'machines/a[1].yaml' | Import-StratoVm } }
        @{ Case = 'a literal path'; Script = { Import-StratoVm -LiteralPath 'machines/a[1].yaml' } }
    ) {
        $file = New-Document a
        Rename-Item $file 'a[1].yaml'
        if ($Case -eq 'paths from the pipeline') { Rename-Item -LiteralPath machines/a[1].yaml a1.yaml }
        (& $Script).Name | Should -Be 'a'
    }

    It 'names file, line, column and what was probably meant, and imports the others' {
        $null = New-Document good
        $null = New-Document bad "  cpu: 2`n"
        $made = Import-StratoVm ./machines/*.yaml -ErrorAction SilentlyContinue -ErrorVariable failures
        $made.Name | Should -Be 'good'
        $failures | Should -HaveCount 1
        "$failures" | Should -BeLike "*/machines/bad.yaml(6,3): There is no key 'cpu' in 'spec'.*"
        $failures[0].ErrorDetails.RecommendedAction | Should -BeLike "*'cpus'*"
        $failures[0].TargetObject | Should -Be "$Root/machines/bad.yaml"
    }

    It 'replaces with -Force only' {
        $null = New-Document web | Import-StratoVm
        $null = New-Document web "  cpus: 3`n"
        { Import-StratoVm machines/web.yaml -ErrorAction Stop } | Should -Throw -ErrorId 'StratoVirt.AlreadyExists*'
        (Import-StratoVm machines/web.yaml -Force).Cpus | Should -Be 3
    }

    It 'imports nothing under -WhatIf' {
        $null = New-Document web
        Import-StratoVm machines/web.yaml -WhatIf
        Get-StratoVm | Should -BeNullOrEmpty
    }

    It 'says that a file is not there' {
        { Import-StratoVm machines/no.yaml -ErrorAction Stop } | Should -Throw -ErrorId 'StratoVirt.FileMissing*'
        { Import-StratoVm -LiteralPath machines/no.yaml -ErrorAction Stop } | Should -Throw -ErrorId 'StratoVirt.FileMissing*'
        { Import-StratoVm machines/*.yml -ErrorAction Stop } | Should -Throw -ErrorId 'StratoVirt.FileMissing*'
    }

    It 'says that a directory is none, and how its documents are imported' {
        $null = New-Document web
        Import-StratoVm machines -ErrorAction SilentlyContinue -ErrorVariable failures
        $failures.FullyQualifiedErrorId | Should -BeLike 'StratoVirt.PathUnusable,*'
        $failures[0].ErrorDetails.RecommendedAction | Should -BeLike "*Import-StratoVm '$Root/machines/*.yaml'"
    }

    It 'completes file names' {
        $null = New-Document web
        Complete 'Import-StratoVm ./machines/w' | Should -BeLike '*machines/web.yaml'
    }
}
