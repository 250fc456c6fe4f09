using System.Management.Automation;
using StratoVirt.Definitions.Devices;

namespace StratoVirt.PowerShell.Commands.Devices;

/// <summary>Takes devices away: from the running machine, whose guest gives them back first, and from the definition.</summary>
[Cmdlet(VerbsCommon.Remove, "StratoDevice", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium, DefaultParameterSetName = ByName)]
public sealed class RemoveStratoDeviceCommand : TargetedDeviceCommand
{
    /// <summary>Seconds the guest has to give a device back.</summary>
    [Parameter]
    [ValidateRange(0, 86400)]
    public int TimeoutSeconds { get; set; } = 30;

    /// <inheritdoc/>
    protected override void ProcessDevice(StratoVm vm, StratoDevice device)
    {
        ArgumentNullException.ThrowIfNull(vm);
        ArgumentNullException.ThrowIfNull(device);
        if (!ShouldProcess(device.ToString(), "Remove"))
        {
            return;
        }

        if (LiveRun(vm) is { } run && device.State != StratoDeviceState.Defined
            && !run.RemoveDevice(device.Name, TimeSpan.FromSeconds(TimeoutSeconds), StopToken))
        {
            WriteWarning($"{device} leaves when the guest lets go of it.");
        }

        Store(vm.Name, spec => spec.WithoutDevice(device.Name));
    }
}
