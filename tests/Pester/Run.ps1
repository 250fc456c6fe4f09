<#
.SYNOPSIS
Runs the Pester files of this folder against the built module; the last line is the totals.
.DESCRIPTION
Pester needs the full PowerShell. Where either is missing, every test is counted as skipped and none as passed.
#>
$ErrorActionPreference = 'Stop'
$files = [System.IO.Directory]::GetFiles($PSScriptRoot, '*.Tests.ps1')

function Get-TestTotal([string[]] $File) {
    $total = 0
    foreach ($path in $File) {
        $script = [System.Management.Automation.Language.Parser]::ParseFile($path, [ref] $null, [ref] $null)
        $total += $script.FindAll({
                $args[0] -is [System.Management.Automation.Language.CommandAst] -and $args[0].GetCommandName() -eq 'It'
            }, $true).Count
    }
    $total
}

$isFull = [bool] (Get-Command -Name Write-Host -ErrorAction Ignore)
$pester = if ($isFull) { Get-Module -ListAvailable -Name Pester | Where-Object Version -GE '5.0' }
if (-not $pester) {
    $missing = if ($isFull) { 'Pester 5 is not installed' } else { 'the full PowerShell 7.6 (pwsh) is not on PATH' }
    $total = Get-TestTotal $files
    $Host.UI.WriteLine("skipped: $missing; $($files.Count) files")
    $Host.UI.WriteLine("0 passed, 0 failed, $total skipped")
    exit 0
}

Import-Module -Name Pester -MinimumVersion 5.0
$configuration = & (Get-Command -Name New-PesterConfiguration)
$configuration.Run.Path = $files
$configuration.Run.PassThru = $true
$configuration.Output.RenderMode = 'Plaintext'
$result = & (Get-Command -Name Invoke-Pester) -Configuration $configuration
foreach ($test in $result.Skipped) { $Host.UI.WriteLine("skipped: $($test.ExpandedPath)") }
$failed = $result.FailedCount + $result.FailedBlocksCount + $result.FailedContainersCount
$Host.UI.WriteLine("$($result.PassedCount) passed, $failed failed, $($result.SkippedCount + $result.NotRunCount) skipped")
exit [int] ($failed -gt 0)
