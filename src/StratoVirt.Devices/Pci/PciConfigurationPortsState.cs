namespace StratoVirt.Devices.Pci;

/// <summary>What a snapshot keeps of the PCI configuration ports.</summary>
public sealed record PciConfigurationPortsState
{
    /// <summary>The version this program writes and reads.</summary>
    public const int CurrentVersion = 1;

    /// <summary>Version of the layout.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>The address register.</summary>
    public uint Address { get; init; }
}
