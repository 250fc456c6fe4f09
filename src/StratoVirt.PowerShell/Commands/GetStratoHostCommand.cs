using System.Management.Automation;

namespace StratoVirt.PowerShell.Commands;

/// <summary>Says what this host offers to machines.</summary>
[Cmdlet(VerbsCommon.Get, "StratoHost")]
[OutputType(typeof(StratoHost))]
public sealed class GetStratoHostCommand : StratoCommand
{
    /// <inheritdoc/>
    protected override void ProcessRecord() => Attempt(null, () => WriteObject(Catalog.InspectHost()));
}
