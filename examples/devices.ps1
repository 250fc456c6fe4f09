<#
.SYNOPSIS
Gives a machine a disk, a network card and a directory of this host, shows them, limits the disk, and takes them away.
.DESCRIPTION
Needs no privilege and changes nothing on the host: the machine is only defined, and removed at the end.
Runs in pwsh 7.6 and as ./strato examples/devices.ps1.
#>
[CmdletBinding()]
param()

$ErrorActionPreference = 'Stop'
$name = 'devices-example'
$root = [System.IO.Path]::GetFullPath("$PSScriptRoot/..")

function Write-Line([string] $Text = '') { $Host.UI.WriteLine($Text) }

# A disk image: a file that is long and takes no room until the guest writes.
function New-DiskImage([string] $Path, [long] $Size) {
    $file = [System.IO.File]::Create($Path)
    try { $file.SetLength($Size) } finally { $file.Dispose() }
}

Import-Module "$root/StratoVirt.psd1"
$directory = [System.IO.Directory]::CreateTempSubdirectory('stratovirt-example-').FullName
try {
    New-DiskImage "$directory/root.img" 64MB
    $null = New-StratoVm $name -BuiltIn -Memory 64MB
    Add-StratoDevice $name -Name root -Disk "$directory/root.img"
    Add-StratoDevice $name -Name uplink -Network -User -Forward 8080:80
    Add-StratoDevice $name -Name source -Share $root -ReadOnly

    foreach ($device in Get-StratoDevice $name) {
        Write-Line ('{0,-8} {1,-8} {2,-8} {3}' -f $device.Name, $device.Kind, $device.State, $device.Backend)
    }

    $limit = (Set-StratoDevice $name root -Bandwidth 20MB -Operations 500 -PassThru).Settings['RateLimit']
    Write-Line "root may do $($limit['Operations']) operations and move $($limit['Bandwidth']) bytes a second."

    Get-StratoDevice $name | Remove-StratoDevice -Confirm:$false
} finally {
    Get-StratoVm "$name*" | Remove-StratoVm -Force -Confirm:$false
    [System.IO.Directory]::Delete($directory, $true)
}
