# Runs the lab tests, all of them in this process: tests/Lab/Tests/*.ps1 in the order of their names.
# Prints 'ok NAME', 'not ok NAME - reason' or 'skip NAME - reason' for each; ends with 0 only if none failed.
param([string] $Name = '*')

. "$PSScriptRoot/Harness.ps1"
$script:LabTests.Filter = $Name

foreach ($file in [System.IO.Directory]::GetFiles("$PSScriptRoot/Tests", '*.ps1') | ForEach-Object { $_ }) {
    try {
        . $file
    } catch {
        $script:LabTests.Failed++
        $Host.UI.WriteLine("not ok $([System.IO.Path]::GetFileName($file)) - $_")
    }
}

$Host.UI.WriteLine(
    "$($script:LabTests.Passed) passed, $($script:LabTests.Failed) failed, $($script:LabTests.Skipped) skipped")
exit [int]($script:LabTests.Failed -gt 0 -or $script:LabTests.Passed + $script:LabTests.Skipped -eq 0)
