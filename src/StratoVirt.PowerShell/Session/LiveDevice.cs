using StratoVirt.Definitions.Devices;
using StratoVirt.Machine;

namespace StratoVirt.PowerShell.Session;

/// <summary>A device of a machine that runs, at one moment.</summary>
/// <param name="Spec">Its settings, changes since the start included.</param>
/// <param name="State">How it is.</param>
/// <param name="Bus">The bus it is on: <c>mmio</c> or <c>pci</c>.</param>
/// <param name="Address">Its address there.</param>
/// <param name="Fault">What keeps it from working, or null.</param>
/// <param name="Metrics">Its counters, by name.</param>
internal sealed record LiveDevice(
    DeviceSpec Spec,
    StratoDeviceState State,
    string Bus,
    string Address,
    string? Fault,
    IReadOnlyDictionary<string, object?> Metrics)
{
    /// <summary>A device of a machine in this process.</summary>
    public static LiveDevice Of(VmDevice device) => new(
        device.Spec,
        Enum.Parse<StratoDeviceState>(device.State.ToString()),
        device.Bus == VmDeviceBus.VirtioPci ? "pci" : "mmio",
        device.Address,
        device.Fault,
        DeviceFacts.Metrics(device.Metrics));
}
