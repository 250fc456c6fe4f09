<#
.SYNOPSIS
Builds, tests and measures the project.
.DESCRIPTION
Runs in pwsh 7.6 and, by ./strato, in the minimal host, so it uses nothing beyond Microsoft.PowerShell.Core, .NET and
programs.
.PARAMETER Task
Build   the module into bin/, if its sources changed
Test    everything: unit, property, cmdlet, KVM and lab tests; the last line is the totals
Lab     the lab tests, or -Script, inside an emulated machine with a true /dev/kvm
Bench   the benchmarks against QEMU, into artifacts/bench/results.json
Fuzz    the fuzz targets
Clean   removes artifacts/ and bin/
.PARAMETER Script
With -Task Lab: the script to run there.
.PARAMETER Project
With -Task Test: only these test projects, by their short names (Linux, Machine ...), wildcards allowed. Lab and Pester
are such names too.
.PARAMETER Configuration
How the test projects are compiled.
.PARAMETER TimeoutSeconds
With -Task Test: the time one test project may take before it is killed and counted as a failure.
.PARAMETER Force
With -Task Build: build even if nothing changed.
.EXAMPLE
./strato build.ps1 -Task Test -Project Linux
#>
[CmdletBinding(PositionalBinding = $false)]
param(
    [Parameter(Position = 0)] [ValidateSet('Build', 'Test', 'Lab', 'Bench', 'Fuzz', 'Clean')] [string[]] $Task = 'Build',
    [string] $Script,
    [string[]] $Project = '*',
    [ValidateSet('Debug', 'Release')] [string] $Configuration = 'Release',
    [ValidateRange(1, 86400)] [int] $TimeoutSeconds = 900,
    [switch] $Force
)

$ErrorActionPreference = 'Stop'
Set-StrictMode -Version 3.0

$root = $PSScriptRoot
$artifacts = if ($env:ArtifactsPath) { [System.IO.Path]::GetFullPath($env:ArtifactsPath) } else { "$root/artifacts" }
$results = "$artifacts/test-results"
# Nothing may outlive the build, it would hold this script's output open: no MSBuild nodes, no compiler server (which
# saves a tenth of the time).
$msbuild = @('-v', 'quiet', '-nologo', '-nodeReuse:false', '-p:UseSharedCompilation=false')

function Write-Line([string] $Text) { $Host.UI.WriteLine($Text) }

# Runs a program that has nothing to say unless it fails.
function Invoke-Program([string] $Name, [string[]] $Arguments) {
    $log = & $Name @Arguments 2>&1
    if ($LASTEXITCODE -eq 0) { return }
    foreach ($line in $log) { Write-Line $line }
    throw "$Name $Arguments ended with exit code $LASTEXITCODE."
}

# One build at a time in a checkout: MSBuild's intermediate files are shared.
function Enter-Build {
    $null = [System.IO.Directory]::CreateDirectory($artifacts)
    for ($told = $false; ; $told = $true) {
        try {
            return [System.IO.File]::Open("$artifacts/build.lock", 'OpenOrCreate', 'ReadWrite', 'None')
        } catch [System.IO.IOException] {
            if (-not $told) { Write-Line 'Waiting for another build of this checkout ...' }
            [System.Threading.Thread]::Sleep(250)
        }
    }
}

#region Build

# The project's folder and those of the projects it refers to.
function Get-ProjectFolder([string] $ProjectFile) {
    $seen = [System.Collections.Generic.HashSet[string]]::new()
    $open = [System.Collections.Generic.Queue[string]]::new([string[]] $ProjectFile)
    while ($open.Count -gt 0) {
        $file = [System.IO.Path]::GetFullPath($open.Dequeue())
        if (-not $seen.Add([System.IO.Path]::GetDirectoryName($file))) { continue }
        $folder = [System.IO.Path]::GetDirectoryName($file)
        foreach ($text in @($file) + [System.IO.Directory]::GetFiles($folder, '*.targets', 'AllDirectories')) {
            foreach ($match in [regex]::Matches([System.IO.File]::ReadAllText($text), '[\w./$()-]+\.csproj')) {
                $base = [System.IO.Path]::GetDirectoryName($text)
                $other = $match.Value.Replace('$(MSBuildThisFileDirectory)', "$base/")
                $other = [System.IO.Path]::GetFullPath([System.IO.Path]::Combine($base, $other))
                if ([System.IO.File]::Exists($other)) { $open.Enqueue($other) }
            }
        }
    }
    [string[]] $seen
}

# Names what goes into a program: the content of its sources, and the compiler and platform that make it.
function Get-SourceFingerprint([string] $ProjectFile) {
    $files = @('Directory.Build.props', 'Directory.Packages.props', 'global.json', 'build.ps1').ForEach{ "$root/$_" }
    foreach ($folder in Get-ProjectFolder $ProjectFile) {
        $files += [System.IO.Directory]::GetFiles($folder, '*', 'AllDirectories')
    }
    $files = [string[]] $files
    [array]::Sort($files, [System.StringComparer]::Ordinal)
    $hash = [System.Security.Cryptography.IncrementalHash]::CreateHash('SHA256')
    $hash.AppendData([System.Text.Encoding]::UTF8.GetBytes(
            "$([System.Environment]::Version) $([System.Runtime.InteropServices.RuntimeInformation]::RuntimeIdentifier)"))
    foreach ($file in $files) {
        $bytes = [System.IO.File]::ReadAllBytes($file)
        $name = [System.IO.Path]::GetRelativePath($root, $file)
        $hash.AppendData([System.Text.Encoding]::UTF8.GetBytes("`n$name $($bytes.Length)`n"))
        $hash.AppendData($bytes)
    }
    [System.Convert]::ToHexStringLower($hash.GetHashAndReset()).Substring(0, 16)
}

# Compiled ahead, the module loads in a fraction of the time. Where the compiler for that cannot be had, it is not.
function Publish-Module([string] $Folder) {
    # The analyzers take as long as all the rest and judge sources: they do so once, where the tests are compiled.
    $common = @('publish', "$root/src/StratoVirt.PowerShell/StratoVirt.PowerShell.csproj", '-c', 'Release') + $msbuild +
        @("-p:ArtifactsPath=$artifacts/module/intermediate", '-p:SelfContained=false', '-p:RunAnalyzers=false')
    $log = & dotnet @common -o $Folder --use-current-runtime -p:PublishReadyToRun=true 2>&1
    if ($LASTEXITCODE -eq 0) { return }
    if (-not ($log -match 'crossgen')) {
        foreach ($line in $log) { Write-Line $line }
        throw 'The module did not build.'
    }
    Write-Line 'The ahead-of-time compiler (Microsoft.NETCore.App.Crossgen2) is not to be had; building without it.'
    [System.IO.Directory]::Delete($Folder, $true)
    Invoke-Program dotnet ($common + @('-o', $Folder))
}

# A session may have the module loaded, so no file of it is ever overwritten: each build gets a folder of its own, and
# bin/ is a link that is turned to it at once. The folder before stays one build longer, for whoever runs from it.
function Build-Module {
    $lock = Enter-Build
    try {
        $hostSources = Get-SourceFingerprint "$root/src/StratoVirt.Host/StratoVirt.Host.csproj"
        $hostProgram = & "$root/src/StratoVirt.Host/Build.ps1" -Fingerprint $hostSources -Folder "$artifacts/host"
        $fingerprint = Get-SourceFingerprint "$root/src/StratoVirt.PowerShell/StratoVirt.PowerShell.csproj"
        if ($hostProgram) { $fingerprint += "-$($hostSources.Substring(0, 8))" }
        $folder = "$artifacts/module/$fingerprint"
        $before = [System.IO.DirectoryInfo]::new("$root/bin").LinkTarget
        $target = if ($folder.StartsWith("$root/")) { $folder.Substring($root.Length + 1) } else { $folder }
        if (-not $Force -and $before -eq $target -and [System.IO.File]::Exists("$folder/.fingerprint")) {
            [System.IO.File]::SetLastWriteTimeUtc("$folder/.fingerprint", [datetime]::UtcNow)
            Write-Line 'bin/ is up to date.'
            return
        }
        Write-Line 'Building the module ...'
        $start = [datetime]::UtcNow
        $staging = "$artifacts/module/staging-$PID"
        Publish-Module $staging
        if ($hostProgram) { [System.IO.File]::Copy($hostProgram, "$staging/stratovirt") }
        [System.IO.File]::WriteAllText("$staging/.fingerprint", "$fingerprint`n")
        [System.IO.File]::SetLastWriteTimeUtc("$staging/.fingerprint", $start)
        if ([System.IO.Directory]::Exists($folder)) { [System.IO.Directory]::Move($folder, "$artifacts/module/old-$PID") }
        [System.IO.Directory]::Move($staging, $folder)
        if (-not $before -and [System.IO.Directory]::Exists("$root/bin")) {
            [System.IO.Directory]::Move("$root/bin", "$artifacts/module/old-bin-$PID")
        }
        $null = [System.IO.File]::CreateSymbolicLink("$artifacts/module/link-$PID", $target)
        Invoke-Program mv @('-T', "$artifacts/module/link-$PID", "$root/bin")
        $kept = @($fingerprint, 'intermediate', [System.IO.Path]::GetFileName([string] $before))
        foreach ($old in [System.IO.Directory]::GetDirectories("$artifacts/module")) {
            if ([System.IO.Path]::GetFileName($old) -notin $kept) { [System.IO.Directory]::Delete($old, $true) }
        }
        Write-Line "bin/ built in $([int]([datetime]::UtcNow - $start).TotalSeconds) s."
    } finally {
        $lock.Dispose()
    }
}

#endregion
#region Test

# What the tests of the native layers need beyond the SDK; the lab sees to its own.
function Install-TestPackage {
    $needed = @(
        @{ File = '/usr/bin/gcc'; Package = 'gcc' }
        @{ File = '/usr/include/stdio.h'; Package = 'libc6-dev' }
        @{ File = '/usr/include/linux/kvm.h'; Package = 'linux-libc-dev' }
        @{ File = '/usr/bin/busybox'; Package = 'busybox-static' }
        @{ File = '/usr/bin/qemu-system-x86_64'; Package = 'qemu-system-x86' }
        @{ File = '/usr/bin/ansible-playbook'; Package = 'ansible-core' }
    ).Where{ -not [System.IO.File]::Exists($_.File) }.ForEach{ $_.Package }
    if ($needed.Count -eq 0) { return }
    if (-not [System.IO.File]::Exists('/usr/bin/apt-get')) {
        Write-Line "Not installed, and this host has no apt to get them: $needed. Tests that need them are skipped."
    } elseif (-not [System.Environment]::IsPrivilegedProcess) {
        Write-Line "Not installed: $needed. Tests that need them are skipped; as root, this script installs them."
    } else {
        Write-Line "Installing $needed ..."
        $env:DEBIAN_FRONTEND = 'noninteractive'
        try {
            Invoke-Program apt-get @('update', '-qq')
            Invoke-Program apt-get (@('install', '-y', '-qq', '--no-install-recommends') + $needed)
        } catch {
            Write-Line "$_ Tests that need these packages are skipped."
        }
    }
}

function New-TestCount([int] $Passed, [int] $Failed, [int] $Skipped) {
    @{ Passed = $Passed; Failed = $Failed; Skipped = $Skipped; Names = @() }
}

function Format-TestCount($Count) { "$($Count.Passed) passed, $($Count.Failed) failed, $($Count.Skipped) skipped" }

function Write-TestCount([string] $Name, $Count, [datetime] $Start) {
    $seconds = ([datetime]::UtcNow - $Start).TotalSeconds.ToString('0.0')
    Write-Line "$($Name.PadRight(32)) $(Format-TestCount $Count) ($seconds s)"
}

# Starts a program with its output in a file, nothing to read, and a time limit; null is the exit code of a killed one.
function Invoke-Limited([string] $Log, [string[]] $Command) {
    $start = [System.Diagnostics.ProcessStartInfo]::new('/bin/sh')
    foreach ($part in @('-c', 'log=$1; shift; exec "$@" >"$log" 2>&1 </dev/null', 'sh', $Log) + $Command) {
        $start.ArgumentList.Add($part)
    }
    $process = [System.Diagnostics.Process]::Start($start)
    try {
        # In short waits, so that Ctrl-C is heard.
        $end = [datetime]::UtcNow.AddSeconds($TimeoutSeconds)
        while (-not $process.WaitForExit(200)) {
            if ([datetime]::UtcNow -gt $end) { return $null }
        }
        $process.ExitCode
    } finally {
        if (-not $process.HasExited) {
            $process.Kill($true)
            $process.WaitForExit()
        }
        $process.Dispose()
    }
}

function Write-LogEnd([string] $Log) {
    $lines = [System.IO.File]::ReadAllLines($Log)
    $first = [Math]::Max(0, $lines.Length - 60)
    for ($i = $first; $i -lt $lines.Length; $i++) { Write-Line "    $($lines[$i])" }
    if ($first -gt 0) { Write-Line "    (all of it: $Log)" }
}

# The names and first words of what failed, for the end of the output: the rest of it scrolls away.
function Get-FailedTest([string] $Name, [string] $Report) {
    if (-not [System.IO.File]::Exists($Report)) { return "$Name, as a whole" }
    $failed = ([xml] [System.IO.File]::ReadAllText($Report)).SelectNodes('//test[@result="Fail"]')
    if ($failed.Count -eq 0) { return "$Name, outside its tests" }
    foreach ($test in $failed) {
        $message = $test.SelectSingleNode('failure/message')
        $reason = $message ? $message.InnerText.Split("`n")[0] : 'without a message'
        "$($test.GetAttribute('name')): $reason"
    }
}

# A run that leaves no result file did not end by itself: that counts as one failure, whatever passed before.
function Invoke-TestProgram([string] $Name) {
    $start = [datetime]::UtcNow
    $report = "$results/$Name.xml"
    $log = "$results/$Name.log"
    $program = "$artifacts/bin/$Name/$($Configuration.ToLowerInvariant())/$Name"
    $code = Invoke-Limited $log @($program, '-noLogo', '-noColor', '-result-xml', $report)
    if ($null -ne $code -and [System.IO.File]::Exists($report)) {
        $sum = ([xml] [System.IO.File]::ReadAllText($report)).assemblies.assembly
        $failed = [int] $sum.failed + [int] $sum.errors
        if ($failed -eq 0 -and $code -ne 0) { $failed = 1 }
        $count = New-TestCount ([int] $sum.passed) $failed ([int] $sum.skipped)
        $why = "exit code $code"
    } else {
        $count = New-TestCount 0 1 0
        $why = if ($null -eq $code) { "killed after $TimeoutSeconds s" } else { "ended with exit code $code, without results" }
    }
    Write-TestCount $Name $count $start
    if ($count.Failed -gt 0) {
        Write-Line "    ${why}:"
        Write-LogEnd $log
        $count.Names = Get-FailedTest $Name $report
    }
    $count
}

# A script that prints its own totals as its last line, run by this very host.
function Invoke-TestScript([string] $Name, [string] $File) {
    $start = [datetime]::UtcNow
    Write-Line "$Name ..."
    $last = ''
    $failed = & "$root/strato" $File | ForEach-Object {
        Write-Line "    $_"
        $last = $_
        # As the lab and Pester begin the line of a test that failed.
        if ($_ -match '^\s*(?:not ok|\[-\]) (.+)') { "${Name}: $($Matches[1])" }
    }
    $code = $LASTEXITCODE
    if ($last -match '^(\d+) passed, (\d+) failed, (\d+) skipped') {
        $count = New-TestCount $Matches[1] $Matches[2] $Matches[3]
        if ($count.Failed -eq 0 -and $code -ne 0) { $count.Failed = 1 }
    } else {
        $count = New-TestCount 0 1 0
        Write-Line "    ended with exit code $code and no totals"
    }
    if ($count.Failed -gt 0) { $count.Names = $failed ?? "$Name, outside its tests" }
    Write-TestCount $Name $count $start
    $count
}

function Test-Wanted([string] $Name) { @($Project).Where({ $Name -like $_ }, 'First').Count -gt 0 }

function Build-TestProject([string[]] $Name, [bool] $All) {
    $lock = Enter-Build
    try {
        foreach ($target in $All ? "$root/StratoVirt.slnx" : $Name.ForEach{ "$root/tests/$_/$_.csproj" }) {
            Write-Line "Compiling $([System.IO.Path]::GetFileNameWithoutExtension($target)) ..."
            Invoke-Program dotnet (@('build', $target, '-c', $Configuration) + $msbuild)
        }
    } finally {
        $lock.Dispose()
    }
}

function Invoke-WantedTest {
    $names = [string[]] [System.IO.Directory]::GetDirectories("$root/tests", 'StratoVirt.*.Tests').ForEach{
        [System.IO.Path]::GetFileName($_)
    }.Where{ Test-Wanted ($_ -replace '^StratoVirt\.|\.Tests$') }
    [array]::Sort($names, [System.StringComparer]::Ordinal)
    if ([System.IO.Directory]::Exists($results)) { [System.IO.Directory]::Delete($results, $true) }
    $null = [System.IO.Directory]::CreateDirectory($results)
    Install-TestPackage
    $all = '*' -in $Project
    if ($all -or (Test-Wanted Lab) -or (Test-Wanted Pester)) { Build-Module }
    if ($names.Count -gt 0) { Build-TestProject $names $all }
    # The shell's own tests start it often: this very one is compiled ahead.
    if ($Host.Name -eq 'StratoVirt.Shell') { $env:STRATOVIRT_TEST_SHELL = [System.Environment]::ProcessPath }
    $names.ForEach{ Invoke-TestProgram $_ }
    if (Test-Wanted Pester) { Invoke-TestScript 'Pester' "$root/tests/Pester/Run.ps1" }
    if (Test-Wanted Lab) { Invoke-TestScript 'Lab' "$root/tests/Lab/Lab.ps1" }
}

function Invoke-Test {
    $total = New-TestCount 0 0 0
    try {
        Invoke-WantedTest | ForEach-Object {
            foreach ($kind in 'Passed', 'Failed', 'Skipped', 'Names') { $total[$kind] += $_[$kind] }
        }
    } catch {
        Write-Line "$_"
        Write-Line $_.ScriptStackTrace
        $total.Failed++
    }
    # Nothing that ran is no success.
    if ($total.Passed -eq 0 -and $total.Failed -eq 0) {
        $total.Failed = 1
        $total.Names += "no test ran: is '$Project' the short name of a test project?"
    }
    foreach ($test in $total.Names) { Write-Line "Failed: $test" }
    Write-Line (Format-TestCount $total)
    if ($total.Failed -gt 0) { exit 1 }
}

#endregion

function Invoke-Clean {
    if ([System.IO.DirectoryInfo]::new("$root/bin").LinkTarget) { [System.IO.File]::Delete("$root/bin") }
    foreach ($folder in "$root/bin", $artifacts) {
        if (-not [System.IO.Directory]::Exists($folder)) { continue }
        # The host that runs this script lives in artifacts/shell.
        foreach ($part in [System.IO.Directory]::GetDirectories($folder)) {
            if ($part -ne "$artifacts/shell") { [System.IO.Directory]::Delete($part, $true) }
        }
    }
    Write-Line 'Removed the build output; artifacts/shell stays, this script may be running from it.'
}

foreach ($name in $Task) {
    switch ($name) {
        'Build' { Build-Module }
        'Test' { Invoke-Test }
        'Lab' {
            if ($Script) { & "$root/tests/Lab/Lab.ps1" -Script $Script } else { & "$root/tests/Lab/Lab.ps1" }
            if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
        }
        'Bench' {
            & "$root/tests/StratoVirt.Bench/Bench.ps1"
            if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
        }
        'Fuzz' {
            & "$root/tests/StratoVirt.Fuzz/Fuzz.ps1"
            if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
        }
        'Clean' { Invoke-Clean }
    }
}
