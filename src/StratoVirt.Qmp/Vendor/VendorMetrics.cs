using System.Text.Json;

namespace StratoVirt.Qmp.Vendor;

/// <summary>A machine's counters.</summary>
public sealed record VendorMetrics
{
    /// <summary>Exits of each vCPU.</summary>
    public required IReadOnlyList<VendorVcpu> Vcpus { get; init; }

    /// <summary>Bytes of guest memory.</summary>
    public required ulong GuestMemory { get; init; }

    /// <summary>Bytes of it that the host has given.</summary>
    public required ulong GuestResident { get; init; }

    /// <summary>Bytes the process uses beside the memory of this guest.</summary>
    public required ulong ProcessResident { get; init; }

    /// <summary>The devices.</summary>
    public required IReadOnlyList<VendorDevice> Devices { get; init; }
}

/// <summary>Exits of one vCPU by reason.</summary>
public sealed record VendorVcpu
{
    /// <summary>Port I/O.</summary>
    public required ulong Pio { get; init; }

    /// <summary>Memory-mapped I/O.</summary>
    public required ulong Mmio { get; init; }

    /// <summary>Kicks and other signals.</summary>
    public required ulong Interrupted { get; init; }

    /// <summary>All others.</summary>
    public required ulong Other { get; init; }
}

/// <summary>A device at this moment.</summary>
public sealed record VendorDevice
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
}
