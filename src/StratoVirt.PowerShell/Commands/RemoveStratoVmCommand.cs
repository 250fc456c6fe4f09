using System.Management.Automation;
using StratoVirt.PowerShell.Errors;

namespace StratoVirt.PowerShell.Commands;

/// <summary>Removes machines from the store.</summary>
[Cmdlet(VerbsCommon.Remove, "StratoVm", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High, DefaultParameterSetName = ByName)]
public sealed class RemoveStratoVmCommand : TargetedVmCommand
{
    /// <summary>Turn a running machine off first.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void ProcessVm(StratoVm vm)
    {
        ArgumentNullException.ThrowIfNull(vm);
        bool live = vm.State != StratoVmState.Stopped;
        if (live && !Force)
        {
            throw ErrorRecords.Failure(
                CommandErrorId.Running,
                $"{vm.Name} is {vm.Status}; a machine is removed only when it is stopped.",
                "Stop it with Stop-StratoVm, or remove it with -Force, which turns it off.");
        }

        if (!ShouldProcess(vm.Name, live ? "Turn off and remove" : "Remove"))
        {
            return;
        }

        if (live)
        {
            vm.RequireLiveRun().PowerOff();
        }

        Catalog.Remove(vm.Name);
    }

    /// <inheritdoc/>
    protected override void ProcessUnusable(string name, Exception failure)
    {
        // A machine whose definition is broken must not be there for ever.
        if (ShouldProcess(name, "Remove"))
        {
            Catalog.Remove(name);
        }
    }
}
