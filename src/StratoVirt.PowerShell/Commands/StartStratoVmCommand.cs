using System.Management.Automation;

namespace StratoVirt.PowerShell.Commands;

/// <summary>Starts machines, in this process or each in a host process of its own.</summary>
[Cmdlet(VerbsLifecycle.Start, "StratoVm", SupportsShouldProcess = true, DefaultParameterSetName = ByName)]
[OutputType(typeof(StratoVm))]
public sealed class StartStratoVmCommand : TargetedVmCommand
{
    /// <summary>Give each machine a host process, which outlives this session.</summary>
    [Parameter]
    public SwitchParameter Detached { get; set; }

    /// <summary>Put each host process into a jail: an empty root, namespaces, a user and a control group of its own.
    /// Needs root, and starts the machine detached.</summary>
    [Parameter]
    public SwitchParameter Jail { get; set; }

    /// <summary>Emit the machines started.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessVm(StratoVm vm)
    {
        ArgumentNullException.ThrowIfNull(vm);
        if (!ShouldProcess(vm.Name, Jail ? "Start in a jail" : Detached ? "Start in a host process of its own" : "Start"))
        {
            return;
        }

        string activity = $"Starting {vm.Name}";
        ShowProgress(activity, "Loading the kernel");
        try
        {
            if (Detached || Jail)
            {
                Catalog.StartDetached(vm, Jail, StopToken);
            }
            else
            {
                Catalog.Start(vm);
            }
        }
        finally
        {
            EndProgress(activity);
        }

        if (PassThru)
        {
            WriteObject(vm);
        }
    }
}
