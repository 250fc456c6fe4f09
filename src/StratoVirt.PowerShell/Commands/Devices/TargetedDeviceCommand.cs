using System.Management.Automation;
using StratoVirt.PowerShell.Completers;

namespace StratoVirt.PowerShell.Commands.Devices;

/// <summary>A cmdlet that acts on devices named by machine and pattern, or taken from the pipeline.</summary>
public abstract class TargetedDeviceCommand : DeviceCommand
{
    /// <summary>The set that names devices.</summary>
    protected const string ByName = "Name";

    /// <summary>The set that takes devices.</summary>
    protected const string ByDevice = "Device";

    /// <summary>Machines, by name or pattern.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ByName)]
    [Alias("VMName")]
    [ArgumentCompleter(typeof(VmNameCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] VM { get; set; } = [];

    /// <summary>Devices, by name or pattern.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = ByName)]
    [ArgumentCompleter(typeof(DeviceNameCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <summary>Devices from the pipeline.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ByDevice, ValueFromPipeline = true)]
    [Alias("InputObject")]
    [ValidateNotNullOrEmpty]
    public StratoDevice[] Device { get; set; } = [];

    /// <inheritdoc/>
    protected sealed override void ProcessRecord()
    {
        if (ParameterSetName == ByDevice)
        {
            foreach (StratoDevice device in Device)
            {
                Attempt(device, () => ProcessDevice(Machine(device.VMName), Read(device.VMName, device.Name)));
            }

            return;
        }

        ForEachMachine(VM, vm =>
        {
            foreach (StratoDevice device in Match(vm, Name).DistinctBy(device => device.Name))
            {
                Attempt(device, () => ProcessDevice(Machine(vm.Name), device));
            }
        });
    }

    /// <summary>Acts on one device.</summary>
    protected abstract void ProcessDevice(StratoVm vm, StratoDevice device);
}
