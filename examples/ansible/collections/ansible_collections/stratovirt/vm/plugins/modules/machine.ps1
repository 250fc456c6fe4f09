#!/usr/bin/pwsh
# WANT_JSON: Ansible gives the options in a file of JSON, whatever its version, and does not wrap the script. Runs in
# pwsh 7.6 and in the repository's minimal host, so it uses Microsoft.PowerShell.Core, .NET and StratoVirt's cmdlets.
param([Parameter(Mandatory)] [string] $ArgumentsFile)

$ErrorActionPreference = 'Stop'
Set-StrictMode -Version 3.0

$known = 'name', 'labels', 'spec', 'path', 'state', 'fleet', 'prune', 'allow_restart', 'force', 'timeout', 'module_path'

function New-Failure([string] $Text) { [System.InvalidOperationException]::new($Text) }

function Read-Option {
    $options = @{}
    $root = [System.Text.Json.Nodes.JsonNode]::Parse([System.IO.File]::ReadAllText($ArgumentsFile))
    foreach ($entry in $root.GetEnumerator()) {
        if ($null -ne $entry.Value) { $options[$entry.Key] = $entry.Value }
    }
    $unknown = @($options.Keys.Where{ $_ -notin $known -and $_ -notlike '_ansible_*' })
    if ($unknown.Count -ne 0) { throw (New-Failure "Unsupported options: $unknown. There are: $known.") }
    if ($options.ContainsKey('path') -eq $options.ContainsKey('name')) {
        throw (New-Failure "Give either 'name' or 'path'.")
    }
    if ($options.ContainsKey('path') -and ($options.ContainsKey('spec') -or $options.ContainsKey('labels'))) {
        throw (New-Failure "'spec' and 'labels' belong to 'name'; with 'path' the files have them.")
    }
    if ($options.ContainsKey('prune') -and $options.ContainsKey('name')) {
        throw (New-Failure "'prune' needs 'path': one machine is no fleet.")
    }
    $options
}

# Playbooks write booleans in many ways, and templates make text of them.
function Test-Option([hashtable] $Options, [string] $Name) {
    $Options.ContainsKey($Name) -and $Options[$Name].ToString() -in 'true', 'yes', 'on', '1'
}

# A runspace of its own: its host shows nothing, and nothing but the answer may reach standard output.
function Invoke-Strato([string] $Command, [hashtable] $Parameters) {
    $shell = [powershell]::Create([initialsessionstate]::CreateDefault2())
    try {
        if ($script:module) { $null = $shell.AddCommand('Import-Module').AddParameter('Name', $script:module).AddStatement() }
        $null = $shell.AddCommand($Command).AddParameters($Parameters)
        $output = @()
        $ending = $null
        try {
            $output = $shell.Invoke()
        } catch {
            $ending = $_.Exception.InnerException ?? $_.Exception
        }
        foreach ($warning in $shell.Streams.Warning) { $script:warnings.Add($warning.Message) }
        $faults = @($shell.Streams.Error.ForEach{
                if ($_.ErrorDetails) { "$($_.ErrorDetails.Message) $($_.ErrorDetails.RecommendedAction)".Trim() } else { "$_" }
            })
        if ($ending -and $ending.Message -notin $faults) { $faults += $ending.Message }
        [pscustomobject] @{ Output = $output; Faults = $faults }
    } finally {
        $shell.Dispose()
    }
}

# What Sync-StratoVm shall be given for one machine: what the playbook says, or what the machine is already.
function Get-Document([hashtable] $Options) {
    $name = $Options['name'].ToString()
    $spec = $Options['spec']
    if ($null -eq $spec -and $Options.ContainsKey('state') -and $Options['state'].ToString() -eq 'absent') {
        # What is to go need not be described, but a document has to say something.
        $spec = @{ boot = @{ builtIn = $true } }
    }
    if ($null -eq $spec) {
        $present = Invoke-Strato 'Export-StratoVm' @{ Name = $name }
        if ($present.Faults.Count -ne 0) { throw (New-Failure "$($present.Faults -join ' ') To make it, say with 'spec' what it is made of.") }
        return [string] $present.Output
    }
    $document = @{
        apiVersion = 'stratovirt/v1'; kind = 'VirtualMachine'; spec = $spec
        metadata   = @{ name = $name; labels = $Options['labels'] ?? @{} }
    }
    # JSON is YAML too.
    (ConvertTo-Node $document).ToJsonString()
}

function Get-SyncParameter([hashtable] $Options) {
    # What a task starts has to outlive the task's process.
    $parameters = @{ Detached = $true; WhatIf = Test-Option $Options '_ansible_check_mode' }
    if ($Options.ContainsKey('path')) {
        $parameters['Path'] = $Options['path'].ToString()
    } else {
        $parameters['Definition'] = Get-Document $Options
    }
    if ($Options.ContainsKey('state')) { $parameters['State'] = $Options['state'].ToString() }
    if ($Options.ContainsKey('fleet')) { $parameters['Fleet'] = $Options['fleet'].ToString() }
    if ($Options.ContainsKey('timeout')) { $parameters['TimeoutSeconds'] = [int] $Options['timeout'].ToString() }
    if (Test-Option $Options 'prune') { $parameters['Prune'] = $true }
    if (Test-Option $Options 'allow_restart') { $parameters['AllowRestart'] = $true }
    if (Test-Option $Options 'force') { $parameters['Force'] = $true }
    $parameters
}

# The definition with what the machine does above it, for Ansible's diff.
function Format-Side($Result, [string] $Side) {
    $state = @($Result.Diff.Where{ $_.Path -eq 'state' }).ForEach{ "# $($_.$Side)`n" }
    "$state$($Result.$Side)"
}

function ConvertTo-Answer($Sync, [hashtable] $Options) {
    $machines = @(foreach ($result in $Sync.Output) {
            @{
                name           = $result.Name
                changed        = $result.Changed
                restart_needed = $result.RestartNeeded
                changes        = @($result.Diff.ForEach{ @{
                            path = $_.Path; before = $_.Before; after = $_.After; applied = $_.Applied.ToString().ToLowerInvariant()
                        } })
            }
        })
    $answer = @{ changed = [bool] @($Sync.Output).Where{ $_.Changed }.Count; machines = $machines }
    if (Test-Option $Options '_ansible_diff') {
        $answer['diff'] = @(@($Sync.Output).Where{ $_.Changed }.ForEach{ @{
                    before_header = $_.Name; before = Format-Side $_ 'Before'; after_header = $_.Name; after = Format-Side $_ 'After'
                } })
    }
    if ($Sync.Faults.Count -ne 0) {
        $answer['failed'] = $true
        $answer['msg'] = $Sync.Faults -join "`n"
    }
    $answer
}

function ConvertTo-Node($Value) {
    if ($null -eq $Value) { return , $null }
    if ($Value -is [System.Text.Json.Nodes.JsonNode]) { return , $Value.DeepClone() }
    if ($Value -is [System.Collections.IDictionary]) {
        $node = [System.Text.Json.Nodes.JsonObject]::new()
        foreach ($key in $Value.Keys) { $node[$key] = ConvertTo-Node $Value[$key] }
        return , $node
    }
    if ($Value -is [array]) {
        $node = [System.Text.Json.Nodes.JsonArray]::new()
        foreach ($item in $Value) { $node.Add((ConvertTo-Node $item)) }
        return , $node
    }
    , [System.Text.Json.Nodes.JsonNode] $Value
}

$warnings = [System.Collections.Generic.List[string]]::new()
try {
    $options = Read-Option
    $module = if ($options.ContainsKey('module_path')) { $options['module_path'].ToString() }
    $parameters = Get-SyncParameter $options
    $answer = ConvertTo-Answer (Invoke-Strato 'Sync-StratoVm' $parameters) $options
} catch {
    $answer = @{ failed = $true; msg = $_.Exception.Message }
}
if ($warnings.Count -ne 0) { $answer['warnings'] = $warnings.ToArray() }
(ConvertTo-Node $answer).ToJsonString()
exit $(if ($answer['failed']) { 1 } else { 0 })
