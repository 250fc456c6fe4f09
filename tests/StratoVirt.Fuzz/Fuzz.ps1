<#
.SYNOPSIS
Runs the fuzz targets, each for some time, with inputs made by blind mutation of sound ones.
.DESCRIPTION
Coverage-guided runs take afl-fuzz and sharpfuzz: see Program.cs. A target that finds something leaves the input in
artifacts/fuzz, where "StratoVirt.Fuzz TARGET FILE" plays it again; a regression test belongs with the mending.
.PARAMETER Target
Targets, by name; wildcards allowed.
.PARAMETER Seconds
Time of each target.
.PARAMETER Seed
What the mutations follow from; the time when not given.
#>
[CmdletBinding()]
param(
    [string[]] $Target = '*',
    [ValidateRange(1, 86400)] [int] $Seconds = 10,
    [int] $Seed = [Environment]::TickCount
)

$ErrorActionPreference = 'Stop'
$root = [System.IO.Path]::GetFullPath("$PSScriptRoot/../..")
$artifacts = if ($env:ArtifactsPath) { $env:ArtifactsPath } else { "$root/artifacts" }
$found = "$artifacts/fuzz"
$program = "$artifacts/bin/StratoVirt.Fuzz/release/StratoVirt.Fuzz"

& dotnet build "$root/tests/StratoVirt.Fuzz" -c Release -v quiet -nologo -nodeReuse:false -p:UseSharedCompilation=false | Out-Host
if ($LASTEXITCODE -ne 0) { throw "The fuzz targets do not compile: exit code $LASTEXITCODE." }

[void][System.IO.Directory]::CreateDirectory($found)
$names = @(& $program '--list').Where{ $name = $_; $Target.Where{ $name -like $_ } }
if ($names.Count -eq 0) { throw "No target is named $Target. There are: $(& $program '--list')" }
$failed = @()
foreach ($name in $names) {
    & $program $name '--for' $Seconds $Seed $found | Out-Host
    if ($LASTEXITCODE -ne 0) { $failed += $name }
}

if ($failed) { throw "These targets found something, see ${found}: $failed" }
