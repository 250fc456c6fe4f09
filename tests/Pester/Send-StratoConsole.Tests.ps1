BeforeDiscovery {
    . "$PSScriptRoot/Session.ps1"
    $noKvm = -not (Test-Kvm)
}

BeforeAll {
    . "$PSScriptRoot/Session.ps1"
    Enter-Store
}

AfterAll { Exit-Store }

Describe 'Send-StratoConsole' {
    AfterEach { Clear-Store }

    It 'is an error for a machine that is stopped' {
        $null = New-StratoVm vm -BuiltIn
        { Send-StratoConsole vm x -ErrorAction Stop } | Should -Throw -ErrorId 'StratoVirt.NotRunning*'
    }

    Context 'with a running guest, needs /dev/kvm' -Tag Kvm -Skip:$noKvm {
        BeforeEach { Start-Hello }

        It 'types <Case>' -ForEach @(
            @{ Case = 'an argument'; Script = { Send-StratoConsole hello 'good day' } }
            @{ Case = 'text from the pipeline'; Script = { 'good day' | Send-StratoConsole hello } }
            @{ Case = 'lines of a file'; Script = { Set-Content input.txt 'good day'; Get-Content input.txt | Send-StratoConsole hello } }
            @{ Case = 'to machines from the pipeline'; Script = { Get-StratoVm hello | Send-StratoConsole -Text 'good day' } }
            @{ Case = 'pieces of a line'; Script = { Send-StratoConsole hello 'good ' -NoNewline; Send-StratoConsole hello 'day' } }
        ) {
            & $Script | Should -BeNullOrEmpty
            Wait-StratoVm hello -ConsoleText 'you said: good day' -TimeoutSeconds 60 -ErrorAction Stop
        }

        It 'types nothing under -WhatIf' {
            Send-StratoConsole hello poweroff -WhatIf
            Send-StratoConsole hello 'still there'
            Wait-StratoVm hello -ConsoleText 'you said: still there' -TimeoutSeconds 60 -ErrorAction Stop
        }
    }
}
