<#
.SYNOPSIS
Builds the native host, unless it is there already: its compiler takes longer than all the rest of the module.
.PARAMETER Fingerprint
Names its sources and what it is built with.
.PARAMETER Folder
Where builds of it are kept.
.OUTPUTS
The program's path; nothing where it cannot be built, after saying why.
#>
[CmdletBinding(PositionalBinding = $false)]
param(
    [Parameter(Mandatory)] [string] $Fingerprint,
    [Parameter(Mandatory)] [string] $Folder
)

$ErrorActionPreference = 'Stop'
Set-StrictMode -Version 3.0

function Write-Line([string] $Text) { $Host.UI.WriteLine($Text) }

# What it is linked with. Installed as root where there is apt.
function Install-Linker {
    $compiler = if ([System.IO.File]::Exists('/usr/bin/gcc')) { 'gcc' } else { 'clang' }
    $needed = @(
        @{ File = "/usr/bin/$compiler"; Package = $compiler }
        @{ File = '/usr/bin/ld.lld'; Package = 'lld' }
        @{ File = '/usr/include/zlib.h'; Package = 'zlib1g-dev' }
    ).Where{ -not [System.IO.File]::Exists($_.File) }.ForEach{ $_.Package }
    if ($needed.Count -eq 0) { return $true }
    if ([System.IO.File]::Exists('/usr/bin/apt-get') -and [System.Environment]::IsPrivilegedProcess) {
        Write-Line "Installing $needed ..."
        $env:DEBIAN_FRONTEND = 'noninteractive'
        $log = & apt-get update -qq 2>&1
        $log = & apt-get install -y -qq --no-install-recommends @needed 2>&1
        if ($LASTEXITCODE -eq 0) { return $true }
        foreach ($line in $log) { Write-Line $line }
    }
    Write-Line "Not installed: $needed. The module is built without stratovirt, and Start-StratoVm without -Detached."
    $false
}

$program = "$Folder/$Fingerprint/stratovirt"
if ([System.IO.File]::Exists($program)) { return $program }
if (-not (Install-Linker)) { return }
Write-Line 'Building the host program ...'
$start = [datetime]::UtcNow
$staging = "$Folder/staging-$PID"
# No build server may outlive the build: it would hold this script's output open. Analyzers judge the sources elsewhere.
$arguments = @('publish', "$PSScriptRoot/StratoVirt.Host.csproj", '-c', 'Release', '-o', $staging, '--use-current-runtime',
    '-v', 'quiet', '-nologo', '-nodeReuse:false', '-p:UseSharedCompilation=false', "-p:ArtifactsPath=$Folder/intermediate",
    '-p:RunAnalyzers=false')
$log = & dotnet @arguments 2>&1
if ($LASTEXITCODE -ne 0) {
    if (-not ($log -match 'NU1101.*ILCompiler|NU1301')) {
        foreach ($line in $log) { Write-Line $line }
        throw 'The host program did not build.'
    }
    Write-Line 'The native compiler (Microsoft.DotNet.ILCompiler) is not to be had: no stratovirt, no Start-StratoVm -Detached.'
    return
}
$null = [System.IO.Directory]::CreateDirectory("$Folder/$Fingerprint")
[System.IO.File]::Move("$staging/stratovirt", $program, $true)
foreach ($old in [System.IO.Directory]::GetDirectories($Folder)) {
    if ([System.IO.Path]::GetFileName($old) -notin $Fingerprint, 'intermediate') { [System.IO.Directory]::Delete($old, $true) }
}
Write-Line "stratovirt built in $([int]([datetime]::UtcNow - $start).TotalSeconds) s."
$program
