BeforeDiscovery {
    . "$PSScriptRoot/Session.ps1"
    $cmdlets = (Get-Command -Module StratoVirt).Name
    $topics = (Get-ChildItem "$PSScriptRoot/../../en-US/about_*.help.txt").Name -replace '\.help\.txt$'
    $noKvm = -not (Test-Kvm)
}

BeforeAll { . "$PSScriptRoot/Session.ps1" }

Describe 'The module' {
    It 'has a manifest PowerShell accepts' {
        $module = Test-ModuleManifest $Manifest
        $module.ExportedCmdlets.Keys | Sort-Object | Should -Be ((Get-Command -Module StratoVirt).Name | Sort-Object)
        $module.ExportedAliases.Count + $module.ExportedFunctions.Count | Should -Be 0
    }

    It 'has a test file for each cmdlet' {
        (Get-ChildItem $PSScriptRoot -Filter *-*.Tests.ps1).Name -replace '\.Tests\.ps1$' |
            Should -Be ((Get-Command -Module StratoVirt).Name | Sort-Object)
    }

    It 'uses approved verbs and one noun prefix' {
        (Get-Command -Module StratoVirt).Verb | Where-Object { $_ -notin (Get-Verb).Verb } | Should -BeNullOrEmpty
        (Get-Command -Module StratoVirt).Noun | Where-Object { $_ -cnotlike 'Strato*' } | Should -BeNullOrEmpty
    }

    It 'has topics PowerShell finds: <_>' -ForEach $topics {
        Get-Help $_ | Should -BeLike "TOPIC*$_*"
    }
}

Describe 'Help of <_>' -ForEach $cmdlets {
    It 'has a synopsis, a description, examples, inputs and outputs' {
        $help = Get-Help $_ -Full
        $help.Synopsis | Should -Not -BeLike "*$_*"
        "$($help.description.Text)" | Should -Not -BeNullOrEmpty
        @($help.examples.example).Count | Should -BeGreaterThan 0
        $help.returnValues.returnValue | Should -Not -BeNullOrEmpty
    }

    It 'shows examples apart from each other' {
        $lines = Get-View (Get-Help $_ -Examples)
        for ($i = 1; $i -lt $lines.Count; $i++) {
            if ($lines[$i] -match 'Example \d+:') {
                $lines[$i] | Should -Match '^ +-+ Example \d+: .+ -+$'
                $lines[$i - 1].Trim() | Should -BeNullOrEmpty
            }
        }
    }

    It 'can be shown in each form' {
        foreach ($form in @{ Full = $true }, @{ Detailed = $true }, @{ Examples = $true }) {
            (Get-Help $_ @form | Out-String) | Should -Match ([regex]::Escape($_))
        }
        if ($_ -ne 'Get-StratoHost') { (Get-Help $_ -Parameter * | Out-String) | Should -Match '(?m)^-\w+' }
    }
}

Describe 'Leaving the session, needs /dev/kvm' -Tag Kvm -Skip:$noKvm {
    BeforeAll {
        Enter-Store
        $pwsh = [System.Environment]::ProcessPath
        $start = "Import-Module '$Manifest'; Start-StratoVm hello; Wait-StratoVm hello -ConsoleText 'hello> '"

        # Another session that starts the machine and says so; then it does what is given.
        function Start-Session([string] $Then, [string[]] $Before = @()) {
            $command = @($Before) + $pwsh + '-NoProfile' + '-Command' + "$start; 'up'; $Then"
            $info = [System.Diagnostics.ProcessStartInfo]::new($command[0])
            $info.RedirectStandardOutput = $true
            $command[1..($command.Count - 1)] | ForEach-Object { $info.ArgumentList.Add($_) }
            $session = [System.Diagnostics.Process]::Start($info)
            $session.StandardOutput.ReadLine() | Should -Be 'up'
            $session
        }
    }

    BeforeEach { $null = New-StratoVm hello -BuiltIn -Memory 16MB }

    AfterEach { Clear-Store }

    AfterAll { Exit-Store }

    It 'warns, and asks the guest to shut down' {
        $said = & $pwsh -NoProfile -Command "$start; exit 3" 2>&1
        $LASTEXITCODE | Should -Be 3
        "$said" | Should -BeLike '*WARNING: Leaving this session stops 1 machine(s): hello.*'
        Receive-StratoConsole hello -Tail 1 | Should -BeLike 'the power button was pressed*'
    }

    It 'asks the guest when <Name> tells the session to end' -ForEach @(
        @{ Name = 'a service manager'; Signal = 'TERM'; Code = 143 }
        @{ Name = 'a terminal that is gone'; Signal = 'HUP'; Code = 129 }
    ) {
        # These tests may have been started with the signal ignored, which a session would inherit.
        $session = Start-Session 'Wait-StratoVm hello' -Before '/usr/bin/env', "--default-signal=$Signal"
        kill -s $Signal $session.Id
        $session.WaitForExit(60000) | Should -BeTrue
        $session.ExitCode | Should -Be $Code
        Receive-StratoConsole hello -Tail 1 | Should -BeLike 'the power button was pressed*'
    }

    It 'stays when a hang-up is ignored, as nohup has it' {
        $session = Start-Session '/bin/kill -s HUP $PID; Start-Sleep 1; "$((Get-StratoVm hello).State)"' -Before '/bin/sh', '-c', 'trap "" HUP; exec "$0" "$@"'
        $session.StandardOutput.ReadLine() | Should -Be 'Running'
        $session.WaitForExit(60000) | Should -BeTrue
    }

    It 'ends a job''s machines with the job, which is a session of its own' {
        $state = Start-Job { Import-Module $using:Manifest; "$((Start-StratoVm hello -PassThru).State)" } | Receive-Job -Wait -AutoRemoveJob
        $state | Should -Be 'Running'
        (Get-StratoVm hello).State | Should -Be Stopped
    }
}
