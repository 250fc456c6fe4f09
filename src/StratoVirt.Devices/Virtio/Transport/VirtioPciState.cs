using System.Collections.Immutable;
using StratoVirt.Devices.Pci;
using StratoVirt.Devices.Pci.Msix;

namespace StratoVirt.Devices.Virtio.Transport;

/// <summary>What a snapshot keeps of the PCI side of a virtio device: not what every transport has, status, features and
/// queues.</summary>
public sealed record VirtioPciState
{
    /// <summary>The version this program writes and reads.</summary>
    public const int CurrentVersion = 1;

    /// <summary>Version of the layout.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>Configuration space.</summary>
    public PciDeviceState Function { get; init; } = new();

    /// <summary>The MSI-X table.</summary>
    public MsixState Msix { get; init; } = new();

    /// <summary>config_msix_vector.</summary>
    public ushort ConfigurationVector { get; init; }

    /// <summary>queue_msix_vector of each queue.</summary>
    public ImmutableArray<ushort> QueueVectors { get; init; } = [];

    /// <summary>ISR status.</summary>
    public byte InterruptStatus { get; init; }

    /// <summary>config_generation.</summary>
    public byte Generation { get; init; }
}
