BeforeAll {
    . "$PSScriptRoot/Session.ps1"
    Enter-Store
}

AfterAll { Exit-Store }

Describe 'Set-StratoVm' {
    BeforeEach { $null = 'web1', 'web2' | ForEach-Object { New-StratoVm $_ -Kernel ./vmlinux -Memory 64MB -Label @{ tier = 'back' } } }

    AfterEach { Clear-Store }

    It 'changes what is given, and nothing else' {
        Set-StratoVm web1 -Cpus 2 | Should -BeNullOrEmpty
        $vm = Get-StratoVm web1
        $vm.Cpus | Should -Be 2
        $vm.Memory | Should -Be 64MB
        $vm.Kernel | Should -Be "$Root/vmlinux"
        $vm.Labels['tier'] | Should -Be 'back'
    }

    It 'changes machines from the pipeline, and emits them with -PassThru as they are afterwards' {
        (Get-StratoVm web* | Set-StratoVm -Memory '128MiB' -PassThru).Memory | Should -Be 128MB, 128MB
    }

    It 'takes things away' {
        Set-StratoVm web1 -Label $null -CommandLine 'quiet'
        (Get-StratoVm web1).Labels.Count | Should -Be 0
        Set-StratoVm web1 -CommandLine ''
        (Get-StratoVm web1).CommandLine | Should -BeNullOrEmpty
        Set-StratoVm web1 -NoAcpi
        (Get-StratoVm web1).Acpi | Should -BeFalse
        Set-StratoVm web1 -NoAcpi:$false
        (Get-StratoVm web1).Acpi | Should -BeTrue
    }

    It 'refuses what the machine could not be, and leaves it as it was' {
        { Set-StratoVm web1 -Cpus 300 -Memory 128MB -ErrorAction Stop } | Should -Throw -ErrorId 'StratoVirt.*'
        (Get-StratoVm web1).Memory | Should -Be 64MB
    }

    It 'changes nothing under -WhatIf' {
        Set-StratoVm web* -Cpus 8 -WhatIf
        (Get-StratoVm).Cpus | Should -Be 1, 1
    }

    It 'reports the machine that is not there, and changes the others' {
        Set-StratoVm web1, web3, web2 -Cpus 3 -ErrorAction SilentlyContinue -ErrorVariable missing
        $missing.FullyQualifiedErrorId | Should -BeLike 'StratoVirt.NotFound,*'
        (Get-StratoVm).Cpus | Should -Be 3, 3
    }

    It 'completes names of machines' { Complete 'Set-StratoVm w' | Should -Be 'web1', 'web2' }
}
