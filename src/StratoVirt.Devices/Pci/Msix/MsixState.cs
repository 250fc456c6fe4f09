using System.Collections.Immutable;

namespace StratoVirt.Devices.Pci.Msix;

/// <summary>What a snapshot keeps of an MSI-X table; its message control register is in configuration space.</summary>
public sealed record MsixState
{
    /// <summary>The version this program writes and reads.</summary>
    public const int CurrentVersion = 1;

    /// <summary>Version of the layout.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>The table, four words a vector.</summary>
    public ImmutableArray<uint> Table { get; init; } = [];

    /// <summary>The pending bits, 64 vectors each.</summary>
    public ImmutableArray<ulong> Pending { get; init; } = [];
}
