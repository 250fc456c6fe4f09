BeforeDiscovery {
    . "$PSScriptRoot/Session.ps1"
    $noKvm = -not (Test-Kvm)
}

BeforeAll {
    . "$PSScriptRoot/Session.ps1"
    Enter-Store
}

AfterAll { Exit-Store }

Describe 'Receive-StratoConsole' {
    AfterEach { Clear-Store }

    It 'is an error for a machine that never ran' {
        $null = New-StratoVm vm -BuiltIn
        { Receive-StratoConsole vm -ErrorAction Stop } | Should -Throw -ErrorId 'StratoVirt.NotRunning*'
        { Receive-StratoConsole vm -Tail -1 } | Should -Throw -ErrorId 'ParameterArgumentValidationError*'
    }

    Context 'with a running guest, needs /dev/kvm' -Tag Kvm -Skip:$noKvm {
        BeforeEach { Start-Hello }

        It 'emits lines, the unfinished one last' {
            $lines = Receive-StratoConsole hello
            $lines.Count | Should -BeGreaterThan 3
            $lines | Should -BeOfType string
            $lines[-1] | Should -Be 'hello> '
            $lines -join '' | Should -Not -Match '[\r\n]'
            Receive-StratoConsole hello -Tail 1 | Should -Be 'hello> '
            Get-StratoVm hello | Receive-StratoConsole | Select-Object -First 1 | Should -Be $lines[0]
        }

        It 'emits one text with -Raw' {
            $text = Receive-StratoConsole hello -Raw
            $text | Should -HaveCount 1
            $text | Should -Match '\r\nhello> $'
        }

        It 'emits the answer to what was typed last' {
            Send-StratoConsole hello 'one'
            Wait-StratoVm hello -ConsoleText 'hello> $' -TimeoutSeconds 60
            Send-StratoConsole hello 'two'
            Wait-StratoVm hello -ConsoleText 'hello> $' -TimeoutSeconds 60
            Receive-StratoConsole hello -SinceInput | Should -Be 'two', 'you said: two', 'hello> '
        }

        It 'follows until the machine ends' {
            Send-StratoConsole hello poweroff
            $lines = Receive-StratoConsole hello -Follow -FromStart
            $lines | Should -Contain 'hello> poweroff'
            (Get-StratoVm hello).State | Should -Be Stopped
        }

        It 'lets a pipeline that has enough end it' {
            Receive-StratoConsole hello -Follow -FromStart | Select-Object -First 1 | Should -HaveCount 1
            (Get-StratoVm hello).State | Should -Be Running
        }

        It 'can be read after the end' {
            Stop-StratoVm hello -TurnOff -Force
            Receive-StratoConsole hello -Tail 1 | Should -Be 'hello> '
        }
    }
}
