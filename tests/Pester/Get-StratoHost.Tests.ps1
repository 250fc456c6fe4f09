BeforeAll {
    . "$PSScriptRoot/Session.ps1"
    Enter-Store
}

AfterAll { Exit-Store }

Describe 'Get-StratoHost' {
    It 'says what there is, and where machines are kept' {
        $report = Get-StratoHost
        $report | Should -HaveCount 1
        $report.Processors | Should -BeGreaterThan 0
        $report.KernelRelease | Should -Be (uname -r)
        $report.AvailableMemory | Should -BeLessThan $report.TotalMemory
        $report.Home | Should -Be "$Root/home"
        $report.RuntimeDirectory | Should -Be "$Root/run"
        $report.Meaning | Should -Not -BeNullOrEmpty
    }

    It 'is a list' {
        $list = (Get-View (Get-StratoHost)) -join "`n"
        $list | Should -Match '(?m)^Kvm\s+: \w+'
        $list | Should -Match '(?m)^Memory\s+: \d+ MiB, \d+ MiB available'
    }

    It 'makes nothing in the store' { "$Root/home" | Should -Not -Exist }
}
