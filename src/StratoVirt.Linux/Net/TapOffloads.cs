namespace StratoVirt.Linux.Net;

/// <summary>What the reader of a tap can handle: the values of TUNSETOFFLOAD.</summary>
[Flags]
public enum TapOffloads
{
    /// <summary>Whole packets with whole checksums.</summary>
    None = 0,

    /// <summary>TUN_F_CSUM: packets whose checksum is still to be computed. Every other one needs it.</summary>
    Checksum = 1,

    /// <summary>TUN_F_TSO4: unsegmented TCP over IPv4.</summary>
    Tso4 = 2,

    /// <summary>TUN_F_TSO6: unsegmented TCP over IPv6.</summary>
    Tso6 = 4,

    /// <summary>TUN_F_TSO_ECN: unsegmented TCP with congestion notification.</summary>
    Ecn = 8,

    /// <summary>TUN_F_UFO: unfragmented UDP.</summary>
    Ufo = 16,
}
