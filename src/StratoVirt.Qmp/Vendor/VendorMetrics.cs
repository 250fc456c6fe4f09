using System.Text.Json;
using StratoVirt.Qmp.Shapes;

namespace StratoVirt.Qmp.Vendor;

/// <summary>A machine's counters.</summary>
public sealed class VendorMetrics
{
    /// <summary>Exits of each vCPU.</summary>
    public required IReadOnlyList<VendorVcpu> Vcpus { get; init; }

    /// <summary>Bytes of guest memory.</summary>
    public required ulong GuestMemory { get; init; }

    /// <summary>Bytes of it that the host has given; null where the process does not see its own mappings.</summary>
    public ulong? GuestResident { get; init; }

    /// <summary>Bytes the process uses beside the memory of this guest; null where it does not see that.</summary>
    public ulong? ProcessResident { get; init; }

    /// <summary>The devices.</summary>
    public required IReadOnlyList<VendorDevice> Devices { get; init; }

    private static readonly ObjectShape Form = new(nameof(VendorMetrics), Carry);

    internal static Shape<VendorMetrics> Shape => new(Form);

    private static VendorMetrics Carry(Members json, object? value)
    {
        var it = (VendorMetrics?)value;
        return new VendorMetrics
        {
            Vcpus = json.List("vcpus", it?.Vcpus, VendorVcpu.Shape),
            GuestMemory = json.UInt64("guest-memory", it?.GuestMemory),
            GuestResident = json.OptionalUInt64("guest-resident", it?.GuestResident),
            ProcessResident = json.OptionalUInt64("process-resident", it?.ProcessResident),
            Devices = json.List("devices", it?.Devices, VendorDevice.Shape),
        };
    }
}

/// <summary>Exits of one vCPU by reason.</summary>
public sealed class VendorVcpu
{
    /// <summary>Port I/O.</summary>
    public required ulong Pio { get; init; }

    /// <summary>Memory-mapped I/O.</summary>
    public required ulong Mmio { get; init; }

    /// <summary>Kicks and other signals.</summary>
    public required ulong Interrupted { get; init; }

    /// <summary>All others.</summary>
    public required ulong Other { get; init; }

    private static readonly ObjectShape Form = new(nameof(VendorVcpu), Carry);

    internal static Shape<VendorVcpu> Shape => new(Form);

    private static VendorVcpu Carry(Members json, object? value)
    {
        var it = (VendorVcpu?)value;
        return new VendorVcpu
        {
            Pio = json.UInt64("pio", it?.Pio),
            Mmio = json.UInt64("mmio", it?.Mmio),
            Interrupted = json.UInt64("interrupted", it?.Interrupted),
            Other = json.UInt64("other", it?.Other),
        };
    }
}

/// <summary>A device at this moment.</summary>
public sealed class VendorDevice
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>What it is, as in <see cref="VendorDeviceSpec.Kind"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>Its settings, as the definition has them.</summary>
    public required JsonElement Spec { get; init; }

    /// <summary>What the guest finds it on: <c>mmio</c> or <c>pci</c>.</summary>
    public required string Bus { get; init; }

    /// <summary>Its place there.</summary>
    public required string Address { get; init; }

    /// <summary>What it does: idle, ready, failed, leaving.</summary>
    public required string State { get; init; }

    /// <summary>What is wrong with it.</summary>
    public string? Fault { get; init; }

    /// <summary>Its counters by name: numbers, texts, booleans, times, and objects of them.</summary>
    public required JsonElement Counters { get; init; }

    private static readonly ObjectShape Form = new(nameof(VendorDevice), Carry);

    internal static Shape<VendorDevice> Shape => new(Form);

    private static VendorDevice Carry(Members json, object? value)
    {
        var it = (VendorDevice?)value;
        return new VendorDevice
        {
            Name = json.Text("name", it?.Name),
            Kind = json.Text("kind", it?.Kind),
            Spec = json.Anything("spec", it?.Spec),
            Bus = json.Text("bus", it?.Bus),
            Address = json.Text("address", it?.Address),
            State = json.Text("state", it?.State),
            Fault = json.OptionalText("fault", it?.Fault),
            Counters = json.Anything("counters", it?.Counters),
        };
    }
}
