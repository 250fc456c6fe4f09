<#
.SYNOPSIS
Measures StratoVirt against QEMU's microvm and writes artifacts/bench/results.json and, for all rows, docs/benchmarks.md.
.DESCRIPTION
Every row is ours against the peer's on the same inputs, by turns, in one run. What needs a guest kernel runs here where
this host's KVM can run one, else in the lab. Missing Debian packages are installed when run as root.
.PARAMETER Suite
All, Vmm and Virtio (any KVM), Linux (boots Debian's kernel) or HotAdd (a row of the one kind, the rest of the other).
.PARAMETER Samples
Samples of each side for the rows of the VMM alone, 15 or more for figures that are to be shown.
.PARAMETER VirtioSamples
Samples of each side for each row of a virtio device.
.PARAMETER VirtioRow
A wildcard for the names of the virtio rows to measure, such as '*depth 32*'.
.PARAMETER LinuxSamples
Samples of each side for each row that boots Linux.
.PARAMETER HotAddSamples
Samples of each side for the rows of a disk that comes and goes.
#>
[CmdletBinding()]
param(
    [ValidateSet('All', 'Vmm', 'Virtio', 'Linux', 'HotAdd')] [string] $Suite = 'All',
    [ValidateRange(1, 1000)] [int] $Samples = 21,
    [ValidateRange(1, 100)] [int] $VirtioSamples = 9,
    [ValidateNotNullOrEmpty()] [string] $VirtioRow = '*',
    [ValidateRange(1, 100)] [int] $LinuxSamples = 7,
    [ValidateRange(1, 25)] [int] $HotAddSamples = 15
)

$ErrorActionPreference = 'Stop'
$root = [System.IO.Path]::GetFullPath("$PSScriptRoot/../..")
$artifacts = if ($env:ArtifactsPath) { $env:ArtifactsPath } else { "$root/artifacts" }
$work = "$root/artifacts/bench"
$program = "$work/bin/strato-bench"
$log = "$work/lines.txt"

function Invoke-Checked([string] $File, [string[]] $Arguments) {
    & $File @Arguments | Out-Host
    if ($LASTEXITCODE -ne 0) { throw "$File $Arguments ended with exit code $LASTEXITCODE." }
}

# Shows and keeps what a suite prints: its results are lines of its output.
function Invoke-Suite([string] $File, [string[]] $Arguments) {
    & $File @Arguments | ForEach-Object {
        [Console]::Out.WriteLine($_)
        [System.IO.File]::AppendAllText($log, "$_`n")
    }
    if ($LASTEXITCODE -ne 0) { throw "$File $Arguments ended with exit code $LASTEXITCODE." }
}

$needed = @(
    @{ File = '/usr/bin/qemu-system-x86_64'; Package = 'qemu-system-x86' }
    @{ File = '/usr/bin/clang'; Package = 'clang' }
    @{ File = '/usr/bin/ld.lld'; Package = 'lld' }
    @{ File = '/usr/include/zlib.h'; Package = 'zlib1g-dev' }
).Where{ -not [System.IO.File]::Exists($_.File) }.ForEach{ $_.Package }
if ($needed) {
    if (-not [System.Environment]::IsPrivilegedProcess) { throw "Install these packages first: $needed." }
    Invoke-Checked 'apt-get' @('update', '-qq')
    Invoke-Checked 'apt-get' (@('install', '-y', '-qq', '--no-install-recommends') + $needed)
}

$null = [System.IO.Directory]::CreateDirectory($work)
[System.IO.File]::WriteAllText($log, '')
# No build server may outlive the build: it would hold this script's output open.
$build = @('-v', 'quiet', '-nologo', '-nodeReuse:false', '-p:UseSharedCompilation=false', '-p:RunAnalyzers=false')
Invoke-Checked 'dotnet' (@('publish', "$PSScriptRoot/StratoVirt.Bench.csproj", '-r', 'linux-x64', '-o', "$work/bin") + $build)
Invoke-Checked 'dotnet' (@('build', "$root/src/StratoVirt.Guests/StratoVirt.Guests.csproj", '-c', 'Release') + $build)
$guests = "$artifacts/bin/StratoVirt.Guests/release/StratoVirt.Guests.dll"
Invoke-Checked 'dotnet' @($guests, 'firstmark', "$work/firstmark.elf")
Invoke-Checked 'dotnet' @($guests, 'hello', "$work/hello.elf")
Invoke-Checked 'dotnet' @($guests, 'virtio-bench', "$work/virtio-bench.elf")

if ($Suite -in 'All', 'Vmm') {
    Invoke-Checked 'dotnet' (@('publish', "$root/src/StratoVirt.Host/StratoVirt.Host.csproj", '-r', 'linux-x64', '-c', 'Release',
            '-o', "$work/host") + $build)
    Invoke-Suite $program @('vmm', "$work/firstmark.elf", "$work/hello.elf", "$Samples", "$work/host/stratovirt")
}

# A lone wildcard among a program's arguments would become the names of the files here.
if ($Suite -in 'All', 'Virtio') {
    Invoke-Suite $program @('virtio', "$work/virtio-bench.elf", "$work/virtio", "$VirtioSamples", "--rows=$VirtioRow")
}

if ($Suite -in 'All', 'HotAdd') {
    Invoke-Suite $program @('hot-add-host', "$work/hello.elf", "$HotAddSamples")
}

$onLinux = @(
    if ($Suite -in 'All', 'Linux') { "$program linux $work/linux $LinuxSamples" }
    if ($Suite -in 'All', 'HotAdd') { "$program hot-add $work/linux $HotAddSamples" }
)
if ($onLinux) {
    Invoke-Checked $program @('prepare-linux', "$work/linux")
    if ($Suite -in 'All', 'Linux') { Invoke-Suite $program @('linux-entry', "$work/linux", "$Samples") }
    $command = '/bin/sh', '-c', ($onLinux -join ' && ')
    & $program runs-linux
    if ($LASTEXITCODE -eq 0) {
        Invoke-Suite $command[0] $command[1, 2]
    }
    else {
        Invoke-Suite "$root/tests/Lab/run" (@('--timeout', '3000', '--memory', '6000', '--') + $command)
    }
}

# A part of the rows is for whoever runs it; only a whole run says something to readers.
$table = if ($Suite -eq 'All' -and $VirtioRow -eq '*') { @("$root/docs/benchmarks.md") } else { @() }
Invoke-Checked $program (@('record', $log, "$work/results.json") + $table)
[Console]::Out.WriteLine("Results: $work/results.json $table")
