using System.Management.Automation;
using StratoVirt.PowerShell.Completers;

namespace StratoVirt.PowerShell.Commands;

/// <summary>A cmdlet that acts on machines named by pattern or taken from the pipeline.</summary>
public abstract class TargetedVmCommand : StratoCommand
{
    /// <summary>The set that names machines.</summary>
    protected const string ByName = "Name";

    /// <summary>The set that takes machines.</summary>
    protected const string ByVM = "VM";

    /// <summary>Names or patterns.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ByName, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(VmNameCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <summary>Machines from the pipeline.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ByVM, ValueFromPipeline = true)]
    [Alias("InputObject")]
    [ValidateNotNullOrEmpty]
    public StratoVm[] VM { get; set; } = [];

    /// <inheritdoc/>
    protected sealed override void ProcessRecord()
    {
        if (ParameterSetName == ByVM)
        {
            foreach (StratoVm vm in VM)
            {
                Attempt(vm, () => ProcessVm(vm));
            }

            return;
        }

        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (string name in Name)
        {
            Attempt(name, () =>
            {
                foreach (StratoVm vm in Catalog.Find(name, (unusable, failure) => Attempt(unusable, () => ProcessUnusable(unusable, failure))))
                {
                    if (seen.Add(vm.Name))
                    {
                        Attempt(vm, () => ProcessVm(vm));
                    }
                }
            });
        }
    }

    /// <summary>Acts on one machine.</summary>
    protected abstract void ProcessVm(StratoVm vm);

    /// <summary>Meets a machine whose definition cannot be used, which for most cmdlets is an error.</summary>
    protected virtual void ProcessUnusable(string name, Exception failure) => Report(name, failure);
}
