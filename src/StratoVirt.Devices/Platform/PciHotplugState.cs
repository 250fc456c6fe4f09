namespace StratoVirt.Devices.Platform;

/// <summary>What a snapshot keeps of the PCI hot-plug registers. One bit a slot.</summary>
public sealed record PciHotplugState
{
    /// <summary>The version this program writes and reads.</summary>
    public const int CurrentVersion = 1;

    /// <summary>Version of the layout.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>Plugged, and not told to the guest yet.</summary>
    public uint Up { get; init; }

    /// <summary>Asked for, and not told to the guest yet.</summary>
    public uint Down { get; init; }

    /// <summary>Asked for, and not ejected yet.</summary>
    public uint Ejecting { get; init; }

    /// <summary>Plugged by hot-plug.</summary>
    public uint Removable { get; init; }
}
