using System.Management.Automation;
using StratoVirt.Machine;
using StratoVirt.PowerShell.Session;

namespace StratoVirt.PowerShell.Commands;

/// <summary>Shuts machines down, with the guest's cooperation or without.</summary>
[Cmdlet(VerbsLifecycle.Stop, "StratoVm", SupportsShouldProcess = true, DefaultParameterSetName = ByName)]
[OutputType(typeof(StratoVm))]
public sealed class StopStratoVmCommand : PowerDownCommand
{
    /// <summary>Turn off at once, as pulling the plug does.</summary>
    [Parameter]
    public SwitchParameter TurnOff { get; set; }

    /// <inheritdoc/>
    protected override void ProcessVm(StratoVm vm)
    {
        ArgumentNullException.ThrowIfNull(vm);
        if (vm.State == StratoVmState.Stopped)
        {
            WriteWarning($"{vm.Name} is not running.");
            OnStopped(vm);
            return;
        }

        MachineRun run = vm.RequireLiveRun();
        if (!ShouldProcess(vm.Name, TurnOff ? "Turn off" : "Shut down") || (TurnOff && !ConfirmTurnOff(vm)))
        {
            return;
        }

        switch (vm.State)
        {
            case StratoVmState.Running or StratoVmState.Paused when !TurnOff && TryPress(vm, run):
                return;
            default:
                // Nobody is asked: turned off by request, faulted, or no guest that could answer and -Force.
                run.PowerOff();
                OnStopped(vm);
                return;
        }
    }

    /// <inheritdoc/>
    protected override void OnStopped(StratoVm vm)
    {
        if (PassThru)
        {
            WriteObject(vm);
        }
    }

    // A guest that is held, or has no power button, cannot be asked; with -Force that is no error.
    private bool TryPress(StratoVm vm, MachineRun run)
    {
        try
        {
            Press(vm, run);
            return true;
        }
        catch (MachineException refused) when (Force && refused.Id == MachineErrorId.InvalidState)
        {
            return false;
        }
    }

    // Turning off can lose the guest's data, so it is confirmed as a cmdlet of high impact would be, while the
    // cooperative stop is not; the impact of a cmdlet is one for all its parameters.
    private bool ConfirmTurnOff(StratoVm vm) =>
        Force
        || IsGiven("Confirm")
        || !Equals(GetVariableValue("ConfirmPreference"), ConfirmImpact.High)
        || ShouldContinue($"Turning off {vm.Name} can lose data its guest has not written yet.", "Turn off");
}
