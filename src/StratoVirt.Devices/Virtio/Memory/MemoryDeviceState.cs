namespace StratoVirt.Devices.Virtio.Memory;

/// <summary>State of a memory device.</summary>
public sealed record MemoryDeviceState
{
    /// <summary>The version this build reads and writes.</summary>
    public const int CurrentVersion = 1;

    /// <summary>Always <see cref="CurrentVersion"/>.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>Bytes the guest is asked to plug in.</summary>
    public required ulong RequestedBytes { get; init; }

    /// <summary>A bit for each block that is plugged in, the first in the lowest bit of the first word.</summary>
    public required IReadOnlyList<ulong> Plugged { get; init; }
}
