BeforeAll {
    . "$PSScriptRoot/Session.ps1"
    Enter-Store
    $null = New-Item machines -ItemType Directory
}

AfterAll { Exit-Store }

Describe 'Export-StratoVm' {
    BeforeEach { $null = 'web1', 'web2' | ForEach-Object { New-StratoVm $_ -BuiltIn -Cpus 2 } }

    AfterEach {
        Clear-Store
        Remove-Item machines/*
    }

    It 'emits one document as text for each machine' {
        $documents = Get-StratoVm | Export-StratoVm
        $documents | Should -HaveCount 2
        $documents[0] | Should -BeOfType string
        $documents[0] | Should -BeLike "apiVersion: stratovirt/v1*name: web1*cpus: 2*"
    }

    It 'writes a file for each machine into a directory, and Import-StratoVm reads them back' {
        Export-StratoVm web* ./machines | Should -BeNullOrEmpty
        (Get-ChildItem machines).Name | Should -Be 'web1.yaml', 'web2.yaml'
        $before = (Get-StratoVm web1).Definition
        Remove-StratoVm web1 -Confirm:$false
        (Import-StratoVm machines/web1.yaml).Definition | Should -Be $before
    }

    It 'gives what a redirection or Set-Content writes as a document too' {
        Export-StratoVm web1 > machines/web1.yaml
        (Import-StratoVm machines/web1.yaml -Force).Name | Should -Be 'web1'
    }

    It 'overwrites with -Force only' {
        Export-StratoVm web1 machines/x.yaml
        { Export-StratoVm web1 machines/x.yaml -ErrorAction Stop } | Should -Throw -ErrorId 'StratoVirt.FileExists*'
        Export-StratoVm web1 machines/x.yaml -Force -ErrorAction Stop
    }

    It 'writes nothing under -WhatIf' {
        Export-StratoVm web1 machines/x.yaml -WhatIf
        'machines/x.yaml' | Should -Not -Exist
    }

    It 'says what keeps it from writing' {
        { Export-StratoVm web1 nowhere/x.yaml -ErrorAction Stop } | Should -Throw -ErrorId 'StratoVirt.FileMissing*'
        { Export-StratoVm web1 Env:/X -ErrorAction Stop } | Should -Throw -ErrorId 'StratoVirt.PathUnusable*'
    }
}
