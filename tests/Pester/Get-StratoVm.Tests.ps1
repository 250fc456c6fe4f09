BeforeDiscovery {
    . "$PSScriptRoot/Session.ps1"
    $noKvm = -not (Test-Kvm)
}

BeforeAll {
    . "$PSScriptRoot/Session.ps1"
    Enter-Store
    $null = 'web1', 'web2', 'db' | ForEach-Object { New-StratoVm $_ -BuiltIn -Memory 16MB }
}

AfterAll { Exit-Store }

Describe 'Get-StratoVm' {
    It 'lists all machines in the order of their names' {
        (Get-StratoVm).Name | Should -Be 'db', 'web1', 'web2'
    }

    It 'takes <Case>' -ForEach @(
        @{ Case = 'a name in another case'; Script = { Get-StratoVm DB }; Expected = 'db' }
        @{ Case = 'several names'; Script = { Get-StratoVm web2, db }; Expected = 'web2', 'db' }
        @{ Case = 'wildcards'; Script = { Get-StratoVm 'w*[12]' }; Expected = 'web1', 'web2' }
        @{ Case = 'names from the pipeline'; Script = { 'web1', 'db' | Get-StratoVm }; Expected = 'web1', 'db' }
        @{ Case = 'objects with a Name'; Script = { [pscustomobject]@{ Name = 'web2' } | Get-StratoVm }; Expected = 'web2' }
        @{ Case = 'its own output'; Script = { Get-StratoVm db | Get-StratoVm }; Expected = 'db' }
    ) {
        (& $Script).Name | Should -Be $Expected
    }

    It 'emits a machine once, however often it is named' {
        (Get-StratoVm web1, 'web*', WEB1).Name | Should -Be 'web1', 'web2'
    }

    It 'finds nothing for a pattern without an error, and reports a name that is not there' {
        Get-StratoVm 'x*' -ErrorAction Stop | Should -BeNullOrEmpty
        $names = (Get-StratoVm web1, wbe2, db -ErrorAction SilentlyContinue -ErrorVariable missing).Name
        $names | Should -Be 'web1', 'db'
        $missing | Should -HaveCount 1
        $missing[0].FullyQualifiedErrorId | Should -BeLike 'StratoVirt.NotFound,*'
        $missing[0].CategoryInfo.Category | Should -Be 'ObjectNotFound'
        $missing[0].TargetObject | Should -Be 'wbe2'
        $missing[0].ErrorDetails.RecommendedAction | Should -BeLike '*web2*'
    }

    It 'ends a script that asks for -ErrorAction Stop' {
        { Get-StratoVm nowhere -ErrorAction Stop } | Should -Throw -ErrorId 'StratoVirt.NotFound*' -ExceptionType ([StratoVirt.PowerShell.StratoVirtException])
    }

    It 'reports a pattern that is none, and goes on with the next name' {
        (Get-StratoVm 'web[', db -ErrorAction SilentlyContinue -ErrorVariable failures).Name | Should -Be 'db'
        $failures.FullyQualifiedErrorId | Should -BeLike 'StratoVirt.PatternInvalid,*'
    }

    It 'emits objects that are equal when they are the same machine' {
        Get-StratoVm db | Should -BeIn @(Get-StratoVm)
        @((Get-StratoVm) + (Get-StratoVm web*) | Select-Object -Unique).Count | Should -Be 3
        @{ (Get-StratoVm db) = 1 }.ContainsKey((Get-StratoVm db)) | Should -BeTrue
        Get-StratoVm db | Should -Not -BeIn @(Get-StratoVm web*)
    }

    It 'is a table' {
        $lines = Get-View (Get-StratoVm)
        $lines | Should -HaveCount 5
        $lines[0] | Should -Match '^Name\s+State\s+Home\s+Cpus\s+Memory\s+Uptime$'
        $lines[2] | Should -Match '^db\s+Stopped\s+1\s+16 MiB$'
    }

    It 'is a list with what a machine is made of' {
        $list = (Get-View (Get-StratoVm db | Format-List)) -join "`n"
        $list | Should -Match '(?m)^Kernel\s+: \(built-in guest\)'
        $list | Should -Match '(?m)^Path\s+: .*/home/vms/db/vm\.yaml'
    }

    It 'can be sorted, grouped, selected and exported like other objects' {
        (Get-StratoVm | Sort-Object Name -Descending).Name | Should -Be 'web2', 'web1', 'db'
        (Get-StratoVm | Sort-Object -Descending).Name | Should -Be 'web2', 'web1', 'db'
        (Get-StratoVm | Group-Object State).Count | Should -Be 3
        (Get-StratoVm db | Select-Object Name, Memory | ConvertTo-Json -Compress) | Should -Be '{"Name":"db","Memory":16777216}'
        (Get-StratoVm | ConvertTo-Csv | ConvertFrom-Csv).State | Should -Be 'Stopped', 'Stopped', 'Stopped'
        (Get-StratoVm db | ConvertTo-Json -Depth 4 | ConvertFrom-Json).Cpus | Should -Be 1
    }

    It 'filters by state' {
        Get-StratoVm -State Running, Paused | Should -BeNullOrEmpty
        (Get-StratoVm web* -State Stopped).Name | Should -Be 'web1', 'web2'
        { Get-StratoVm -State Asleep } | Should -Throw -ErrorId 'CannotConvertArgumentNoMessage*'
    }

    It 'completes <Line>' -ForEach @(
        @{ Line = 'Get-StratoVm '; Expected = 'db', 'web1', 'web2' }
        @{ Line = 'Get-StratoVm -Name WE'; Expected = 'web1', 'web2' }
        @{ Line = 'Get-StratoVm db, web1, w'; Expected = 'web1', 'web2' }
        @{ Line = 'Get-StratoVm -State St'; Expected = 'Stopped' }
    ) {
        Complete $Line | Should -Be $Expected
    }

    Context 'with a running guest, needs /dev/kvm' -Tag Kvm -Skip:$noKvm {
        It 'shows what a machine does now, also through an object got before' {
            $vm = Get-StratoVm web1
            Start-Hello live
            Start-StratoVm web1
            $vm.State | Should -Be Running
            $vm.ProcessId | Should -Be $PID
            $vm.Uptime | Should -BeOfType timespan
            $vm.VcpuExits[0].Cpu | Should -Be 0
            (Get-StratoVm -State Running).Name | Should -Be 'live', 'web1'
            (Get-View (Get-StratoVm live | Format-List)) -match '^ProcessId +:' | Should -BeLike "*: $PID"
        }
    }
}
