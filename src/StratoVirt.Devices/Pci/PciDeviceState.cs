using System.Collections.Immutable;

namespace StratoVirt.Devices.Pci;

/// <summary>What a snapshot keeps of a function's configuration space.</summary>
public sealed record PciDeviceState
{
    /// <summary>The version this program writes and reads.</summary>
    public const int CurrentVersion = 1;

    /// <summary>Version of the layout.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>The first 256 bytes.</summary>
    public ImmutableArray<byte> Configuration { get; init; } = [];
}
