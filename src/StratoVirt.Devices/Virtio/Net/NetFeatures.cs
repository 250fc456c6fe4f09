using StratoVirt.Backends.Net;

namespace StratoVirt.Devices.Virtio.Net;

/// <summary>Feature bits of a network card (virtio 1.3 §5.1.3).</summary>
public static class NetFeatures
{
    /// <summary>VIRTIO_NET_F_CSUM: the device completes checksums.</summary>
    public const ulong Checksum = 1UL << 0;

    /// <summary>VIRTIO_NET_F_GUEST_CSUM: the driver takes frames without whole checksums.</summary>
    public const ulong GuestChecksum = 1UL << 1;

    /// <summary>VIRTIO_NET_F_CTRL_GUEST_OFFLOADS: the driver changes what it takes at run time.</summary>
    public const ulong ControlGuestOffloads = 1UL << 2;

    /// <summary>VIRTIO_NET_F_MTU.</summary>
    public const ulong Mtu = 1UL << 3;

    /// <summary>VIRTIO_NET_F_MAC.</summary>
    public const ulong Mac = 1UL << 5;

    /// <summary>VIRTIO_NET_F_GUEST_TSO4.</summary>
    public const ulong GuestTso4 = 1UL << 7;

    /// <summary>VIRTIO_NET_F_GUEST_TSO6.</summary>
    public const ulong GuestTso6 = 1UL << 8;

    /// <summary>VIRTIO_NET_F_GUEST_ECN.</summary>
    public const ulong GuestEcn = 1UL << 9;

    /// <summary>VIRTIO_NET_F_GUEST_UFO.</summary>
    public const ulong GuestUfo = 1UL << 10;

    /// <summary>VIRTIO_NET_F_HOST_TSO4.</summary>
    public const ulong HostTso4 = 1UL << 11;

    /// <summary>VIRTIO_NET_F_HOST_TSO6.</summary>
    public const ulong HostTso6 = 1UL << 12;

    /// <summary>VIRTIO_NET_F_HOST_ECN.</summary>
    public const ulong HostEcn = 1UL << 13;

    /// <summary>VIRTIO_NET_F_HOST_UFO.</summary>
    public const ulong HostUfo = 1UL << 14;

    /// <summary>VIRTIO_NET_F_MRG_RXBUF: a frame may take several receive buffers.</summary>
    public const ulong MergeableBuffers = 1UL << 15;

    /// <summary>VIRTIO_NET_F_STATUS: configuration space shows the state of the link.</summary>
    public const ulong Status = 1UL << 16;

    /// <summary>VIRTIO_NET_F_CTRL_VQ.</summary>
    public const ulong ControlQueue = 1UL << 17;

    /// <summary>VIRTIO_NET_F_CTRL_RX.</summary>
    public const ulong ControlReceive = 1UL << 18;

    /// <summary>VIRTIO_NET_F_MQ.</summary>
    public const ulong MultiQueue = 1UL << 22;

    /// <summary>VIRTIO_NET_F_CTRL_MAC_ADDR.</summary>
    public const ulong ControlMacAddress = 1UL << 23;

    private static readonly (NetOffloads Offload, ulong Host, ulong Guest)[] Pairs =
    [
        (NetOffloads.Checksum, Checksum, GuestChecksum),
        (NetOffloads.Tso4, HostTso4, GuestTso4),
        (NetOffloads.Tso6, HostTso6, GuestTso6),
        (NetOffloads.Ecn, HostEcn, GuestEcn),
        (NetOffloads.Ufo, HostUfo, GuestUfo),
    ];

    /// <summary>The features that offer these offloads in both directions.</summary>
    internal static ulong Offering(NetOffloads offloads)
    {
        ulong features = 0;
        foreach ((NetOffloads offload, ulong host, ulong guest) in Pairs)
        {
            features |= offloads.HasFlag(offload) ? host | guest : 0;
        }

        return features;
    }

    /// <summary>What the driver takes, by its features. Without checksums there is none of the others (§5.1.3.1).</summary>
    internal static NetOffloads GuestOffloads(ulong features)
    {
        NetOffloads offloads = NetOffloads.None;
        foreach ((NetOffloads offload, _, ulong guest) in Pairs)
        {
            offloads |= (features & guest) != 0 ? offload : NetOffloads.None;
        }

        return offloads.HasFlag(NetOffloads.Checksum) ? offloads : NetOffloads.None;
    }
}
