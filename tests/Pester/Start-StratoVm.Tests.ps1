BeforeDiscovery {
    . "$PSScriptRoot/Session.ps1"
    $noKvm = -not (Test-Kvm)
}

BeforeAll {
    . "$PSScriptRoot/Session.ps1"
    Enter-Store
}

AfterAll { Exit-Store }

Describe 'Start-StratoVm' {
    AfterEach { Clear-Store }

    It 'starts nothing under -WhatIf' {
        New-StratoVm vm -BuiltIn | Start-StratoVm -WhatIf
        (Get-StratoVm vm).State | Should -Be Stopped
    }

    It 'offers machines that do not run' {
        $null = New-StratoVm vm -BuiltIn
        Complete 'Start-StratoVm ' | Should -Be 'vm'
    }

    Context 'on KVM, needs /dev/kvm' -Tag Kvm -Skip:$noKvm {
        It 'reports a kernel that is not there, with what to do, and the machine as the target' {
            $null = New-StratoVm vm -Kernel ./no-such-kernel
            Start-StratoVm vm -ErrorAction SilentlyContinue -ErrorVariable failures
            $failures | Should -HaveCount 1
            $failures[0].FullyQualifiedErrorId | Should -BeLike 'StratoVirt.KernelMissing,*'
            $failures[0].CategoryInfo.Category | Should -Be ObjectNotFound
            $failures[0].TargetObject.Name | Should -Be 'vm'
            $failures[0].ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
            (Get-StratoVm vm).State | Should -Be Stopped
        }

        It 'emits nothing, or the machine with -PassThru' {
            $null = 'a', 'b' | ForEach-Object { New-StratoVm $_ -BuiltIn -Memory 16MB }
            Start-StratoVm a | Should -BeNullOrEmpty
            (Start-StratoVm b -PassThru).State | Should -Be Running
        }

        It 'reports a machine that runs already, and starts the others' {
            Start-Hello
            $null = New-StratoVm other -BuiltIn -Memory 16MB
            (Get-StratoVm | Start-StratoVm -PassThru -ErrorAction SilentlyContinue -ErrorVariable failures).Name | Should -Be 'other'
            $failures.FullyQualifiedErrorId | Should -BeLike 'StratoVirt.AlreadyRunning,*'
        }

        It 'works from a thread job: the machine is this process''s' {
            $null = New-StratoVm vm -BuiltIn -Memory 16MB
            Start-ThreadJob { Import-Module $using:Manifest; Start-StratoVm vm } | Receive-Job -Wait -AutoRemoveJob
            (Get-StratoVm vm).ProcessId | Should -Be $PID
            Send-StratoConsole vm poweroff
            Wait-StratoVm vm -TimeoutSeconds 60
        } -Skip:(-not (Get-Command Start-ThreadJob -ErrorAction Ignore))

        It 'works in the runspaces of ForEach-Object -Parallel' {
            $null = 1..3 | ForEach-Object { New-StratoVm "vm$_" -BuiltIn -Memory 16MB }
            1..3 | ForEach-Object -Parallel { Import-Module $using:Manifest; Start-StratoVm "vm$_" }
            (Get-StratoVm).State | Should -Be Running, Running, Running
        }
    }
}
