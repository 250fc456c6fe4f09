using StratoVirt.Definitions.Devices;
using StratoVirt.PowerShell.Session;

namespace StratoVirt.PowerShell;

/// <summary>A device of a machine, as it was when this object was got.</summary>
public sealed class StratoDevice
{
    internal StratoDevice(string vmName, DeviceSpec spec, LiveDevice? live)
    {
        VMName = vmName;
        Spec = live?.Spec ?? spec;
        State = live?.State ?? StratoDeviceState.Defined;
        Fault = live?.Fault;
        Bus = live?.Bus;
        Address = live?.Address;
        Metrics = live?.Metrics ?? new Dictionary<string, object?>();
    }

    /// <summary>The machine it belongs to.</summary>
    public string VMName { get; }

    /// <summary>Its name.</summary>
    public string Name => Spec.Name;

    /// <summary>What it is.</summary>
    public StratoDeviceKind Kind => DeviceFacts.KindOf(Spec);

    /// <summary>How it is.</summary>
    public StratoDeviceState State { get; }

    /// <summary>What keeps it from working, or null.</summary>
    public string? Fault { get; }

    /// <summary>What stands behind it on the host: a path, an interface; null for none.</summary>
    public string? Backend => DeviceFacts.BackendOf(Spec);

    /// <summary>The bus it is on while the machine runs: <c>mmio</c> or <c>pci</c>.</summary>
    public string? Bus { get; }

    /// <summary>Its address on that bus.</summary>
    public string? Address { get; }

    /// <summary>Its settings, named as in the definition.</summary>
    public IReadOnlyDictionary<string, object?> Settings => DeviceFacts.Settings(Spec);

    /// <summary>What it has done since it was plugged in.</summary>
    public IReadOnlyDictionary<string, object?> Metrics { get; }

    /// <summary>The record behind it.</summary>
    internal DeviceSpec Spec { get; }

    /// <summary>Machine and name.</summary>
    public override string ToString() => $"{VMName}/{Name}";
}
