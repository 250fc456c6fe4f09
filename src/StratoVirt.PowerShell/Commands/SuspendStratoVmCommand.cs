using System.Management.Automation;

namespace StratoVirt.PowerShell.Commands;

/// <summary>Holds the vCPUs of machines.</summary>
[Cmdlet(VerbsLifecycle.Suspend, "StratoVm", SupportsShouldProcess = true, DefaultParameterSetName = ByName)]
[OutputType(typeof(StratoVm))]
public sealed class SuspendStratoVmCommand : TargetedVmCommand
{
    /// <summary>Emit the machines held.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessVm(StratoVm vm)
    {
        ArgumentNullException.ThrowIfNull(vm);
        if (vm.State == StratoVmState.Paused)
        {
            WriteWarning($"{vm.Name} is already suspended.");
        }

        if (ShouldProcess(vm.Name, "Suspend"))
        {
            vm.RequireLiveRun().Pause();
            if (PassThru)
            {
                WriteObject(vm);
            }
        }
    }
}
