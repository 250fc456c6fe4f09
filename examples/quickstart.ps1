<#
.SYNOPSIS
From nothing to a Linux prompt: checks the host, boots the built-in guest, then boots Debian's stock kernel, runs a
command in it over its console, prints the answer and shuts it down.
.DESCRIPTION
Where this host's KVM cannot run an unmodified kernel, the Linux part runs in the lab: an emulated machine that has a
true KVM. Runs in pwsh 7.6 and, as ./strato examples/quickstart.ps1, with the .NET SDK alone. What it makes it removes.
#>
[CmdletBinding()]
param()

$ErrorActionPreference = 'Stop'
$root = [System.IO.Path]::GetFullPath("$PSScriptRoot/..")
$inLab = [bool] $env:STRATOVIRT_LAB

function Write-Line([string] $Text = '') { $Host.UI.WriteLine($Text) }

function Write-Step([string] $Text) { Write-Line; Write-Line "== $Text" }

function Remove-Leftover([string] $Name) { Get-StratoVm "$Name*" | Remove-StratoVm -Force -Confirm:$false }

# Types a command at the guest's prompt and returns what the guest answered.
function Invoke-InGuest([string] $Name, [string] $Command, [string] $Prompt) {
    Send-StratoConsole $Name $Command
    Wait-StratoVm $Name -ConsoleText $Prompt -SimpleMatch -TimeoutSeconds 120
    # The first line is the command's echo, the last the next prompt.
    $lines = @(Receive-StratoConsole $Name -SinceInput)
    $lines[1..($lines.Count - 2)]
}

function Show-HelloGuest {
    $name = 'quickstart-hello'
    Remove-Leftover $name
    try {
        $null = New-StratoVm $name -BuiltIn -Cpus 2 -Memory 64MB
        Start-StratoVm $name
        Wait-StratoVm $name -ConsoleText 'hello> ' -SimpleMatch -TimeoutSeconds 60
        Receive-StratoConsole $name | ForEach-Object { Write-Line "   $_" }
        Send-StratoConsole $name 'poweroff'
        Wait-StratoVm $name -TimeoutSeconds 60
        Write-Line "   It ended: $((Get-StratoVm $name).Cause)."
    } finally {
        Remove-Leftover $name
    }
}

function Show-LinuxGuest($Image) {
    $name = 'quickstart-debian'
    $prompt = 'guest:~# '
    Remove-Leftover $name
    try {
        $null = $Image | New-StratoVm $name -Cpus 2 -Memory 512MB -CommandLine 'console=ttyS0 reboot=k quiet'
        Start-StratoVm $name
        Write-Line '   Waiting for its prompt ...'
        Wait-StratoVm $name -ConsoleText $prompt -SimpleMatch -TimeoutSeconds 600
        foreach ($command in 'uname -a', 'cat /proc/version', 'nproc') {
            Write-Line "   $prompt$command"
            Invoke-InGuest $name $command $prompt | ForEach-Object { Write-Line "   $_" }
        }
        Stop-StratoVm $name -TimeoutSeconds 120
        Write-Line "   It ended: $((Get-StratoVm $name).Cause)."
    } finally {
        Remove-Leftover $name
    }
}

if (-not $inLab) {
    Write-Step 'The module'
    & "$root/build.ps1" -Task Build
}
Import-Module "$root/StratoVirt.psd1"

Write-Step $(if ($inLab) { 'The emulated host' } else { 'This host' })
$test = Test-StratoHost
foreach ($check in $test.Checks) { Write-Line ('   {0,-8} {1,-15} {2}' -f $check.Outcome, $check.Name, $check.Result) }
Write-Line "   $($test.Meaning)"
if ($test.RecommendedAction) { Write-Line "   $($test.RecommendedAction)" }
if ($inLab -and -not $test.RunsUnmodifiedKernels) { throw 'The emulated host does not run machines.' }

if ($test.Passed -and -not $inLab) {
    Write-Step 'The built-in guest'
    Show-HelloGuest
}

Write-Step "Debian's kernel"
$image = New-StratoGuestImage -FromDebian
Write-Line "   $($image.KernelRelease), from $($image.Source)"
if ($test.RunsUnmodifiedKernels) {
    Show-LinuxGuest $image
} else {
    Write-Line '   An unmodified kernel does not run on this host: going on in the lab, an emulated machine that has a true KVM.'
    & "$root/tests/Lab/Lab.ps1" -Script "$PSScriptRoot/quickstart.ps1"
    if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
}
if (-not $inLab) { Write-Line; Write-Line 'Done. Next: Get-Help about_StratoVirt' }
