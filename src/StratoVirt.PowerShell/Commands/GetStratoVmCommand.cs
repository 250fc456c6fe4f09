using System.Management.Automation;
using StratoVirt.PowerShell.Completers;

namespace StratoVirt.PowerShell.Commands;

/// <summary>Lists the machines of the store, whoever runs them.</summary>
[Cmdlet(VerbsCommon.Get, "StratoVm")]
[OutputType(typeof(StratoVm))]
public sealed class GetStratoVmCommand : StratoCommand
{
    /// <summary>Names or patterns; all machines when not given.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(VmNameCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = ["*"];

    /// <summary>Only machines in one of these states.</summary>
    [Parameter]
    public StratoVmState[]? State { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (string name in Name)
        {
            Attempt(name, () =>
            {
                foreach (StratoVm vm in Catalog.Find(name, Report))
                {
                    // Asked for even without a filter: what keeps states from being known is an error here, not in a view.
                    StratoVmState state = vm.State;
                    if (seen.Add(vm.Name) && (State is null || State.Contains(state)))
                    {
                        WriteObject(vm);
                    }
                }
            });
        }
    }
}
