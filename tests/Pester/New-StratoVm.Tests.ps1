BeforeAll {
    . "$PSScriptRoot/Session.ps1"
    Enter-Store
}

AfterAll { Exit-Store }

Describe 'New-StratoVm' {
    AfterEach { Clear-Store }

    It 'emits the machine, and the store has it' {
        $vm = New-StratoVm web -BuiltIn -Cpus 4 -Memory 512MB -Label @{ tier = 'front' }
        $vm | Should -BeOfType StratoVirt.PowerShell.StratoVm
        "$vm" | Should -Be 'web'
        $vm.State | Should -Be Stopped
        $vm.Path | Should -Exist
        $found = Get-StratoVm web
        $found.Cpus | Should -Be 4
        $found.Memory | Should -Be 512MB
        $found.Labels['tier'] | Should -Be 'front'
    }

    It 'takes <Size> as a size' -ForEach @(
        @{ Size = 64MB; Bytes = 67108864 }
        @{ Size = '64MiB'; Bytes = 67108864 }
        @{ Size = '64MB'; Bytes = 67108864 }
        @{ Size = 1GB; Bytes = 1073741824 }
        @{ Size = '1GiB'; Bytes = 1073741824 }
        @{ Size = [psobject] 32MB; Bytes = 33554432 }
    ) {
        (New-StratoVm vm -BuiltIn -Memory $Size).Memory | Should -Be $Bytes
    }

    It 'refuses <Size> as a size while it binds parameters' -ForEach @(
        @{ Size = 'much' }
        @{ Size = -1 }
        @{ Size = 1.5 }
        @{ Size = $null }
    ) {
        { New-StratoVm vm -BuiltIn -Memory $Size } | Should -Throw -ErrorId 'ParameterArgumentTransformationError*'
        Get-StratoVm | Should -BeNullOrEmpty
    }

    It 'takes a kernel''s path from the current location, on any drive of the file system' {
        $null = New-Item images -ItemType Directory
        Push-Location images
        (New-StratoVm here -Kernel ./vmlinux -Initrd initrd.img).Kernel | Should -Be "$Root/images/vmlinux"
        Pop-Location
        $null = New-PSDrive Images FileSystem $Root/images
        (New-StratoVm drive -Kernel Images:/vmlinux).Kernel | Should -Be "$Root/images/vmlinux"
        (New-StratoVm home -Kernel '~/vmlinux').Kernel | Should -Be "$HOME/vmlinux"
        Remove-PSDrive Images
    }

    It 'refuses a path that is on no drive of files' {
        { New-StratoVm vm -Kernel Env:/PATH -ErrorAction Stop } | Should -Throw -ErrorId 'StratoVirt.PathUnusable*'
        { New-StratoVm vm -Kernel NoDrive:/x -ErrorAction Stop } | Should -Throw -ErrorId 'StratoVirt.PathUnusable*'
    }

    It 'makes a machine of each row of a table' {
        Set-Content machines.csv 'Name,Cpus,Memory', 'one,1,64MiB', 'two,2,128MB'
        $made = Import-Csv machines.csv | New-StratoVm -BuiltIn
        $made.Name | Should -Be 'one', 'two'
        $made.Cpus | Should -Be 1, 2
        $made.Memory | Should -Be 64MB, 128MB
        Set-Content machines.csv 'Name,Kernel,CommandLine', 'three,./vmlinux,quiet'
        $three = Import-Csv machines.csv | New-StratoVm -Cpus 4
        $three.Kernel, $three.CommandLine, $three.Cpus | Should -Be "$Root/vmlinux", 'quiet', 4
    }

    It 'reports the row that cannot be a machine, and makes the others' {
        Set-Content machines.csv 'Name,Memory', 'one,much', 'two,17MB', 'three,64MB'
        (Import-Csv machines.csv | New-StratoVm -BuiltIn -ErrorAction SilentlyContinue -ErrorVariable failures).Name | Should -Be 'three'
        $failures | Should -HaveCount 2
    }

    It 'shows with -WhatIf what it would make' {
        New-StratoVm vm -BuiltIn -WhatIf | Should -BeNullOrEmpty
        Get-StratoVm | Should -BeNullOrEmpty
    }

    It 'checks under -WhatIf too' {
        { New-StratoVm vm -BuiltIn -Cpus 0 -WhatIf -ErrorAction Stop } | Should -Throw -ErrorId 'StratoVirt.*'
    }

    It 'refuses <Case>' -ForEach @(
        @{ Case = 'a name with a slash'; Script = { New-StratoVm a/b -BuiltIn -ErrorAction Stop }; Id = 'StratoVirt.InvalidName*' }
        @{ Case = 'an empty name'; Script = { New-StratoVm '' -BuiltIn -ErrorAction Stop }; Id = 'StratoVirt.InvalidName*' }
        @{ Case = 'no vCPU'; Script = { New-StratoVm vm -BuiltIn -Cpus 0 -ErrorAction Stop }; Id = 'StratoVirt.*' }
        @{ Case = '255 vCPUs'; Script = { New-StratoVm vm -BuiltIn -Cpus 255 -ErrorAction Stop }; Id = 'StratoVirt.*' }
        @{ Case = 'odd memory'; Script = { New-StratoVm vm -BuiltIn -Memory 17MB -ErrorAction Stop }; Id = 'StratoVirt.*' }
        @{ Case = 'a kernel beside the built-in guest'; Script = { New-StratoVm vm -BuiltIn -Kernel x -ErrorAction Stop }; Id = 'AmbiguousParameterSet*' }
        @{ Case = 'nothing to boot'; Script = { New-StratoVm vm -Kernel '' }; Id = 'ParameterArgumentValidationError*' }
    ) {
        $Script | Should -Throw -ErrorId $Id
        Get-StratoVm | Should -BeNullOrEmpty
    }

    It 'refuses a name twice, in any case, and goes on with the next' {
        $null = New-StratoVm web -BuiltIn
        $made = 'WEB', 'next' | ForEach-Object { [pscustomobject]@{ Name = $_ } } |
            New-StratoVm -BuiltIn -ErrorAction SilentlyContinue -ErrorVariable failures
        $failures[0].FullyQualifiedErrorId | Should -BeLike 'StratoVirt.AlreadyExists,*'
        $failures[0].CategoryInfo.Category | Should -Be 'ResourceExists'
        $made.Name | Should -Be 'next'
    }

    It 'completes its parameters' {
        Complete 'New-StratoVm x -B' | Should -Be '-BuiltIn'
        Complete 'New-StratoVm x -Kernel k -' | Should -Contain '-Initrd'
    }
}
