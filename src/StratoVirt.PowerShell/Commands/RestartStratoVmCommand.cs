using System.Management.Automation;
using StratoVirt.PowerShell.Session;

namespace StratoVirt.PowerShell.Commands;

/// <summary>Restarts machines: shut down and started again, or reset.</summary>
[Cmdlet(VerbsLifecycle.Restart, "StratoVm", SupportsShouldProcess = true, DefaultParameterSetName = ByName)]
[OutputType(typeof(StratoVm))]
public sealed class RestartStratoVmCommand : PowerDownCommand
{
    /// <inheritdoc/>
    protected override void ProcessVm(StratoVm vm)
    {
        ArgumentNullException.ThrowIfNull(vm);
        MachineRun run = vm.RequireLiveRun();
        if (!ShouldProcess(vm.Name, Force ? "Reset" : "Restart"))
        {
            return;
        }

        if (Force)
        {
            run.Reset();
            Emit(vm);
        }
        else
        {
            Press(vm, run);
        }
    }

    /// <inheritdoc/>
    protected override void OnStopped(StratoVm vm)
    {
        Catalog.Start(vm);
        Emit(vm);
    }

    private void Emit(StratoVm vm)
    {
        if (PassThru)
        {
            WriteObject(vm);
        }
    }
}
