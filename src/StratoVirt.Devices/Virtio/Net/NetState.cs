using StratoVirt.Backends.Net;

namespace StratoVirt.Devices.Virtio.Net;

/// <summary>What a snapshot keeps of a network card, beside its transport and queues.</summary>
public sealed record NetState
{
    /// <summary>The version this program writes and reads.</summary>
    public const int CurrentVersion = 1;

    /// <summary>Version of the layout.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>The hardware address, which the driver may have changed.</summary>
    public ulong Mac { get; init; }

    /// <summary>Whether the operator has the link up.</summary>
    public bool IsLinkUp { get; init; }

    /// <summary>Pairs of queues the driver uses.</summary>
    public int PairsInUse { get; init; } = 1;

    /// <summary>What the driver takes in frames it receives.</summary>
    public NetOffloads GuestOffloads { get; init; }
}
