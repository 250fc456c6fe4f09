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

    /// <summary>Emit the machines started.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessVm(StratoVm vm)
    {
        ArgumentNullException.ThrowIfNull(vm);
        if (!ShouldProcess(vm.Name, Detached ? "Start in a host process of its own" : "Start"))
        {
            return;
        }

        string activity = $"Starting {vm.Name}";
        ShowProgress(activity, "Loading the kernel");
        try
        {
            if (Detached)
            {
                Catalog.StartDetached(vm, StopToken);
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
