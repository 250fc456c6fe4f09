using StratoVirt.Backends.Limits;

namespace StratoVirt.Devices.Virtio.Net;

/// <summary>What a network card is made with.</summary>
public sealed record NetOptions
{
    /// <summary>Entries of a transmit or receive queue unless told otherwise.</summary>
    public const ushort UsualQueueSize = 256;

    /// <summary>Its hardware address.</summary>
    public required MacAddress Mac { get; init; }

    /// <summary>The most entries of each receive and transmit queue: a power of two.</summary>
    public ushort QueueSize { get; init; } = UsualQueueSize;

    /// <summary>Bytes of payload the driver is told a frame may carry, 68 to 65535; null for what the host's side says.</summary>
    public int? Mtu { get; init; }

    /// <summary>Holds back frames received; null for no limit. It may be shared by several cards.</summary>
    public RateLimiter? ReceiveLimit { get; init; }

    /// <summary>Holds back frames sent; null for no limit. It may be shared by several cards.</summary>
    public RateLimiter? SendLimit { get; init; }

    /// <summary>Whether the link starts up.</summary>
    public bool IsLinkUp { get; init; } = true;
}
