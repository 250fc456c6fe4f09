using System.Management.Automation;

namespace StratoVirt.PowerShell.Commands;

/// <summary>Lets machines go on that were suspended.</summary>
[Cmdlet(VerbsLifecycle.Resume, "StratoVm", SupportsShouldProcess = true, DefaultParameterSetName = ByName)]
[OutputType(typeof(StratoVm))]
public sealed class ResumeStratoVmCommand : TargetedVmCommand
{
    /// <summary>Emit the machines that go on.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessVm(StratoVm vm)
    {
        ArgumentNullException.ThrowIfNull(vm);
        if (vm.State == StratoVmState.Running)
        {
            WriteWarning($"{vm.Name} is not suspended.");
        }

        if (ShouldProcess(vm.Name, "Resume"))
        {
            vm.RequireLiveRun().Resume();
            if (PassThru)
            {
                WriteObject(vm);
            }
        }
    }
}
