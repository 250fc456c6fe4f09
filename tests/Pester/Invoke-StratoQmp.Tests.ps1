BeforeDiscovery {
    . "$PSScriptRoot/Session.ps1"
    $noKvm = -not (Test-Kvm)
}

BeforeAll {
    . "$PSScriptRoot/Session.ps1"
    Enter-Store
}

AfterAll { Exit-Store }

Describe 'Invoke-StratoQmp' {
    AfterEach { Clear-Store }

    It 'is an error for a machine that is stopped, and for arguments that are none' {
        $null = New-StratoVm vm -BuiltIn
        { Invoke-StratoQmp vm query-status -ErrorAction Stop } | Should -Throw -ErrorId 'StratoVirt.NotRunning*'
        { Invoke-StratoQmp vm device_del '{' } | Should -Throw -ErrorId 'StratoVirt.ArgumentsInvalid*'
    }

    Context 'with a running guest, needs /dev/kvm' -Tag Kvm -Skip:$noKvm {
        BeforeEach { Start-Hello }

        It 'emits answers as objects, or with -Raw as JSON' {
            (Invoke-StratoQmp hello query-status).status | Should -Be 'running'
            (Get-StratoVm hello | Invoke-StratoQmp -Command query-name).name | Should -Be 'hello'
            (Invoke-StratoQmp hello query-status -Raw | ConvertFrom-Json).running | Should -BeTrue
        }

        It 'takes a table, and says nothing when there is nothing to say' {
            Invoke-StratoQmp hello device_add @{ driver = 'virtio-rng-pci'; id = 'rng0' } | Should -BeNullOrEmpty
            (Get-StratoDevice hello).Name | Should -Be 'rng0'
        }

        It 'changes nothing under -WhatIf' {
            Invoke-StratoQmp hello stop -WhatIf
            (Get-StratoVm hello).State | Should -Be Running
        }

        It 'reports a refusal with the class of the protocol' {
            Invoke-StratoQmp hello nope -ErrorAction SilentlyContinue -ErrorVariable failures
            $failures.FullyQualifiedErrorId | Should -BeLike 'StratoVirt.QmpCommandNotFound,*'
        }
    }
}
