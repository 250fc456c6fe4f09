<#
.SYNOPSIS
Runs a script, a command or the lab tests inside an emulated machine that has a hardware-grade /dev/kvm.
.DESCRIPTION
The machine sees this host's root read-only at the same paths; what it writes is gone afterwards, except below
artifacts/lab. Missing Debian packages are installed when run as root. Always ends by itself. Exit code: that of what
ran inside; 124 if it ran out of time; 125 if the lab itself failed.
.PARAMETER Script
A PowerShell script to run with ./strato inside. Without it and without -Command, the lab tests run.
.PARAMETER Arguments
Arguments of the script.
.PARAMETER Command
A shell command to run inside instead.
.PARAMETER TestName
Runs only the lab tests whose names match, wildcards allowed.
.PARAMETER Rounds
How often devices come and go in the test of that: 5 in CI, 100 for a whole look.
.PARAMETER TimeoutSeconds
Time for what runs inside; starting the machine is not counted.
.PARAMETER MemoryMiB
Memory of the emulated machine; the host gives it as it is touched.
.EXAMPLE
./strato tests/Lab/Lab.ps1 -Command 'ls -l /dev/kvm'
.EXAMPLE
./strato tests/Lab/Lab.ps1 -TestName 'a disk, a card*' -Rounds 100
#>
[CmdletBinding(DefaultParameterSetName = 'Tests')]
param(
    [Parameter(ParameterSetName = 'Script', Mandatory, Position = 0)] [string] $Script,
    [Parameter(ParameterSetName = 'Script', Position = 1, ValueFromRemainingArguments)] [string[]] $Arguments = @(),
    [Parameter(ParameterSetName = 'Command', Mandatory)] [string] $Command,
    [Parameter(ParameterSetName = 'Tests')] [string] $TestName = '*',
    [Parameter(ParameterSetName = 'Tests')] [ValidateRange(1, 1000)] [int] $Rounds = 5,
    [ValidateRange(1, 86400)] [int] $TimeoutSeconds = 2400,
    [ValidateRange(512, 1048576)] [int] $MemoryMiB = 6000
)

$root = [System.IO.Path]::GetFullPath("$PSScriptRoot/../..")
$inside = switch ($PSCmdlet.ParameterSetName) {
    'Script' { "$root/strato"; [System.IO.Path]::GetFullPath($Script, $PWD.ProviderPath); $Arguments }
    'Command' { '/bin/bash'; '-c'; $Command }
    'Tests' {
        "$root/strato"; "$PSScriptRoot/RunTests.ps1"
        # PowerShell expands a bare wildcard among a program's arguments to file names, even one from a variable.
        if ($TestName -ne '*') { "-Name:$TestName" }
    }
}
if ($PSCmdlet.ParameterSetName -eq 'Tests') {
    # The machine inside has no network: what its tests boot is made here, where its caches are then found.
    Import-Module "$root/StratoVirt.psd1"
    foreach ($flavor in 'Generic', 'Cloud') {
        foreach ($format in 'BzImage', 'Elf') {
            $null = New-StratoGuestImage -FromDebian -Flavor $flavor -KernelFormat $format -ErrorAction Stop
        }
    }
    $null = New-StratoGuestImage -FromDebian -Flavor Cloud -AdditionalModule virtio_pmem, nd_pmem -ErrorAction Stop
    $env:STRATOVIRT_LAB_ROUNDS = $Rounds
    $env:STRATOVIRT_LAB_MMIO_GUEST = & "$PSScriptRoot/mmio-guest"
}

# A machine that hangs or dies (124, 125) says nothing about what was tested: QEMU's emulation can go on running an
# instruction that another CPU has just patched. The tests then start over, each time said aloud.
$attempts = $PSCmdlet.ParameterSetName -eq 'Tests' ? 3 : 1
for ($attempt = 1; ; $attempt++) {
    & "$PSScriptRoot/run" --timeout $TimeoutSeconds --memory $MemoryMiB -- @inside
    if ($LASTEXITCODE -notin 124, 125 -or $attempt -ge $attempts) { break }
    $Host.UI.WriteLine("The lab's machine ended with $LASTEXITCODE; once more.")
}
exit $LASTEXITCODE
