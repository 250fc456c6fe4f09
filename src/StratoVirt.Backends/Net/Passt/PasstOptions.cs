using System.Collections.Immutable;

namespace StratoVirt.Backends.Net.Passt;

/// <summary>How to run passt.</summary>
public sealed record PasstOptions
{
    /// <summary>Bytes of payload a frame carries unless told otherwise: the most a frame of passt holds. Large frames
    /// are what makes passt fast, because it has no offloads.</summary>
    public const int LargestMtu = 65520;

    /// <summary>The program; null to find it on PATH.</summary>
    public string? Program { get; init; }

    /// <summary>Bytes of payload a frame carries; the guest learns it from DHCP and from its network card.</summary>
    public int Mtu { get; init; } = LargestMtu;

    /// <summary>Ports of the host's that lead to the guest's, as passt's option <c>--tcp-ports</c> writes them, for
    /// example <c>2222:22</c>; empty for none.</summary>
    public string TcpPorts { get; init; } = string.Empty;

    /// <summary>As <see cref="TcpPorts"/>, for UDP.</summary>
    public string UdpPorts { get; init; } = string.Empty;

    /// <summary>More options for passt, each a word of its command line.</summary>
    public ImmutableArray<string> Arguments { get; init; } = [];
}
