BeforeDiscovery {
    . "$PSScriptRoot/Session.ps1"
    $noKvm = -not (Test-Kvm)
}

BeforeAll {
    . "$PSScriptRoot/Session.ps1"
    Enter-Store
}

AfterAll { Exit-Store }

Describe 'Wait-StratoVm' {
    AfterEach { Clear-Store }

    It 'returns at once when it is so already' {
        $null = New-StratoVm vm -BuiltIn
        Wait-StratoVm vm -ErrorAction Stop | Should -BeNullOrEmpty
        (Get-StratoVm vm | Wait-StratoVm -State Running, Stopped -PassThru).Name | Should -Be 'vm'
    }

    It 'looks once with a time of 0' {
        $null = New-StratoVm vm -BuiltIn
        Wait-StratoVm vm -State Running -Timeout 0 -ErrorAction SilentlyContinue -ErrorVariable failures
        $failures.FullyQualifiedErrorId | Should -BeLike 'StratoVirt.Timeout,*'
        $failures[0].CategoryInfo.Category | Should -Be OperationTimeout
    }

    It 'waits for one thing' {
        { Wait-StratoVm vm -State Running -ConsoleText x } | Should -Throw -ErrorId 'StratoVirt.OneCondition*'
    }

    It 'refuses a pattern that is none before it waits, and takes it as text with -SimpleMatch' {
        $null = New-StratoVm vm -BuiltIn
        { Wait-StratoVm vm -ConsoleText '[' } | Should -Throw -ErrorId 'StratoVirt.PatternInvalid*'
        { Wait-StratoVm vm -ConsoleText '[' -SimpleMatch -ErrorAction Stop } | Should -Throw -ErrorId 'StratoVirt.NotRunning*'
    }

    It 'completes states' { Complete 'Wait-StratoVm vm -State Pa' | Should -Be 'Paused' }

    Context 'with a running guest, needs /dev/kvm' -Tag Kvm -Skip:$noKvm {
        It 'finds the answer to what was typed last only' {
            Start-Hello
            Send-StratoConsole hello 'first'
            Wait-StratoVm hello -ConsoleText 'you said: first' -TimeoutSeconds 60
            Send-StratoConsole hello 'second'
            Wait-StratoVm hello -ConsoleText 'you said: second' -TimeoutSeconds 60
            { Wait-StratoVm hello -ConsoleText 'you said: first' -TimeoutSeconds 0 -ErrorAction Stop } |
                Should -Throw -ErrorId 'StratoVirt.Timeout*'
        }

        It 'says that the machine ended while it waited' {
            Start-Hello
            Send-StratoConsole hello poweroff
            Wait-StratoVm hello -ConsoleText 'never printed' -TimeoutSeconds 60 -ErrorAction SilentlyContinue -ErrorVariable failures
            $failures.FullyQualifiedErrorId | Should -BeLike 'StratoVirt.EndedWhileWaiting,*'
            "$failures" | Should -BeLike '*guest-shutdown*'
        }

        It 'ends with the job that waits' {
            Start-Hello
            $job = Start-ThreadJob { Import-Module $using:Manifest; Wait-StratoVm hello }
            # It shows its progress once it waits.
            while ($job.Progress.Count -eq 0) { Wait-Job $job -Timeout 1 | Should -BeNullOrEmpty }
            $job | Stop-Job
            $job.State | Should -Be Stopped
            $job | Remove-Job
        } -Skip:(-not (Get-Command Start-ThreadJob -ErrorAction Ignore))
    }
}
