namespace StratoVirt.Backends.Net;

/// <summary>Work on a frame that its sender leaves to its receiver, as the virtio_net_hdr in front of it says.</summary>
[Flags]
public enum NetOffloads
{
    /// <summary>Whole frames with whole checksums.</summary>
    None = 0,

    /// <summary>The checksum is still to be computed. Every other one needs it.</summary>
    Checksum = 1,

    /// <summary>Unsegmented TCP over IPv4.</summary>
    Tso4 = 2,

    /// <summary>Unsegmented TCP over IPv6.</summary>
    Tso6 = 4,

    /// <summary>Unsegmented TCP with congestion notification.</summary>
    Ecn = 8,

    /// <summary>Unfragmented UDP.</summary>
    Ufo = 16,
}
