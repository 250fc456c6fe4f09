using StratoVirt.Linux.Net;

namespace StratoVirt.Backends.Net;

/// <summary>Limits of a frame, without its virtio_net_hdr.</summary>
public static class NetFrame
{
    /// <summary>Bytes of an Ethernet header: the shortest frame.</summary>
    public const int MinLength = 14;

    /// <summary>Bytes of the longest frame: unsegmented TCP over IPv6 (virtio 1.3 §5.1.6.3: 65589) with a VLAN tag.</summary>
    public const int MaxLength = 65589 + VlanTag;

    /// <summary>Bytes a VLAN tag adds to a frame.</summary>
    public const int VlanTag = 4;

    /// <summary>Pieces of memory a frame may lie in.</summary>
    public const int MaxParts = PacketIo.MaxParts;
}
