namespace StratoVirt.Devices.Virtio.Vsock;

/// <summary>What a socket device is made from.</summary>
public sealed record VsockConfiguration
{
    /// <summary>The CID of every host (virtio 1.3 §5.10.4).</summary>
    public const uint HostCid = 2;

    /// <summary>The lowest CID a guest can have; those below are reserved (§5.10.4).</summary>
    public const uint LowestGuestCid = 3;

    /// <summary>The highest CID a guest can have; the one above is reserved (§5.10.4).</summary>
    public const uint HighestGuestCid = uint.MaxValue - 1;

    /// <summary>The guest's CID. Nothing here needs it to be unique on the host: no other machine can be reached by it.</summary>
    public required uint GuestCid { get; init; }

    /// <summary>Connections at one time, at most; each may hold a descriptor and
    /// <see cref="VsockConnection.BufferAllocation"/> bytes.</summary>
    public int MaxConnections { get; init; } = 1024;
}
