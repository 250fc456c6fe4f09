<#
.SYNOPSIS
What the test files share: the module of this checkout, and a store of their own.
.DESCRIPTION
Dot-sourced in BeforeDiscovery, for the question what this host can do, and in BeforeAll.
#>
$Manifest = [System.IO.Path]::GetFullPath("$PSScriptRoot/../../StratoVirt.psd1")
Import-Module $Manifest

# Whether a guest can be run here. What needs one is skipped where not.
function Test-Kvm { (Get-StratoHost).KvmApiVersion -ne 0 }

# From here to Exit-Store the machines are those of an empty store below $Root, which is the location too. Pester's own
# drive will not do: it takes files away at the end of a block, under a machine that runs.
function Enter-Store {
    $script:Root = [System.IO.Directory]::CreateTempSubdirectory('stratovirt-pester-').FullName
    $script:Before = @{ Home = $env:STRATOVIRT_HOME; Runtime = $env:STRATOVIRT_RUNTIME; Location = Get-Location }
    $env:STRATOVIRT_HOME = "$Root/home"
    $env:STRATOVIRT_RUNTIME = "$Root/run"
    Set-Location $Root
}

function Exit-Store {
    Clear-Store
    $env:STRATOVIRT_HOME = $Before.Home
    $env:STRATOVIRT_RUNTIME = $Before.Runtime
    Set-Location $Before.Location
    Remove-Item $Root -Recurse -Force
}

function Clear-Store { Get-StratoVm | Remove-StratoVm -Force -Confirm:$false }

# A machine with the built-in guest, at its first prompt.
function Start-Hello([string] $Name = 'hello') {
    New-StratoVm $Name -BuiltIn -Memory 16MB | Start-StratoVm
    Wait-StratoVm $Name -ConsoleText 'hello> $' -TimeoutSeconds 60
}

# What Tab offers at the end of a line.
function Complete([string] $Line) {
    (TabExpansion2 -inputScript $Line -cursorColumn $Line.Length).CompletionMatches.CompletionText
}

# What the user sees of objects: lines without colours.
function Get-View($Object, [int] $Width = 120) {
    ($Object | Out-String -Width $Width).Trim() -split '\r?\n' -replace '\e\[[\d;]*m' -replace ' +$'
}
