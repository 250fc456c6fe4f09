using StratoVirt.Definitions.Devices;

namespace StratoVirt.Machine;

/// <summary>One device of a machine, at this moment.</summary>
/// <param name="Spec">What was asked for, changes since then included. Its type says what kind of device it is.</param>
/// <param name="Bus">What the guest finds it on.</param>
/// <param name="Address">Its place there as the guest writes it: <c>0000:00:04.0</c>, or the address of its registers.</param>
/// <param name="State">What it is doing.</param>
/// <param name="Fault">What is wrong with it, in words for the operator; null when nothing is.</param>
/// <param name="Metrics">Its counters, in the type of its family.</param>
public sealed record VmDevice(
    DeviceSpec Spec, VmDeviceBus Bus, string Address, VmDeviceState State, string? Fault, object Metrics)
{
    /// <summary>Bytes of a disk; null for other devices.</summary>
    public long? Capacity { get; init; }

    /// <summary>Its name.</summary>
    public string Name => Spec.Name;
}

/// <summary>What a guest finds a device on.</summary>
public enum VmDeviceBus
{
    /// <summary>Registers at a fixed address: devices of the definition.</summary>
    VirtioMmio,
    /// <summary>A PCI slot: devices added while the machine exists.</summary>
    VirtioPci,
}

/// <summary>What a device is doing.</summary>
public enum VmDeviceState
{
    /// <summary>No driver has taken it yet, or none any more.</summary>
    Idle,
    /// <summary>The guest's driver uses it.</summary>
    Ready,
    /// <summary>It has stopped until its driver resets it; the fault says why.</summary>
    Failed,
    /// <summary>The guest has been asked to give it back and has not yet.</summary>
    Leaving,
}
