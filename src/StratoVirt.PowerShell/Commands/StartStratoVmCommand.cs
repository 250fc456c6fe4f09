using System.Management.Automation;

namespace StratoVirt.PowerShell.Commands;

/// <summary>Starts machines in this process.</summary>
[Cmdlet(VerbsLifecycle.Start, "StratoVm", SupportsShouldProcess = true, DefaultParameterSetName = ByName)]
[OutputType(typeof(StratoVm))]
public sealed class StartStratoVmCommand : TargetedVmCommand
{
    /// <summary>Emit the machines started.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessVm(StratoVm vm)
    {
        ArgumentNullException.ThrowIfNull(vm);
        if (!ShouldProcess(vm.Name, "Start"))
        {
            return;
        }

        string activity = $"Starting {vm.Name}";
        ShowProgress(activity, "Loading the kernel");
        try
        {
            Catalog.Start(vm);
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
