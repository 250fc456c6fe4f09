namespace StratoVirt.Definitions.Devices;

/// <summary>A network card. Exactly one of <see cref="Tap"/>, <see cref="TapDescriptor"/> and <see cref="User"/>.</summary>
public sealed record NetworkSpec : DeviceSpec
{
    /// <inheritdoc/>
    public required override string Name { get; init; }

    /// <summary>Name of a tap interface: joined when it exists, else created and removed with the device.</summary>
    public string? Tap { get; init; }

    /// <summary>Number of an open tap descriptor that this process has inherited.</summary>
    public int? TapDescriptor { get; init; }

    /// <summary>A network of the user's own, with no setup and no privilege (passt).</summary>
    public bool User { get; init; }

    /// <summary>Ports of the host forwarded to the guest with <see cref="User"/>, as passt takes them: <c>2222:22</c>.</summary>
    public string? Forward { get; init; }

    /// <summary>MAC address, <c>52:54:00:12:34:56</c>; null derives a stable one from the machine's and the device's name.</summary>
    public string? Mac { get; init; }

    /// <summary>MTU told to the guest, 68 to 65535; null tells none.</summary>
    public int? Mtu { get; init; }

    /// <summary>Queue pairs, 1 to 8.</summary>
    public int Queues { get; init; } = 1;

    /// <summary>Whether the host's kernel moves the frames (vhost_net), past this process: of a tap, without limits.</summary>
    public bool Vhost { get; init; }

    /// <summary>Whether the cable is plugged in.</summary>
    public bool LinkUp { get; init; } = true;

    /// <summary>Limits of what the guest receives.</summary>
    public RateLimitSpec? ReceiveLimit { get; init; }

    /// <summary>Limits of what the guest sends.</summary>
    public RateLimitSpec? SendLimit { get; init; }

    /// <summary>Name of one of <c>spec.rateGroups</c>, whose limits this card shares with others, both ways together.</summary>
    public string? RateGroup { get; init; }
}
