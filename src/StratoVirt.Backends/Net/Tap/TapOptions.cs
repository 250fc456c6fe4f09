namespace StratoVirt.Backends.Net.Tap;

/// <summary>Which tap interface to use, and how.</summary>
public sealed record TapOptions
{
    /// <summary>The interface; it is made when it is not there. Empty: the kernel finds a free name, <c>tap0</c> and so
    /// on.</summary>
    public string Name { get; init; } = string.Empty;

    /// <summary>Pairs of queues. An interface that is there already must have been made for several
    /// (<c>multi_queue</c>) to give more than one.</summary>
    public int QueuePairs { get; init; } = 1;

    /// <summary>Keep an interface that was made here after the machine.</summary>
    public bool IsPersistent { get; init; }

    /// <summary>Bytes of payload to set; null to leave the interface as it is.</summary>
    public int? Mtu { get; init; }

    /// <summary>Have the host's kernel move the frames (vhost_net).</summary>
    public bool Vhost { get; init; }

    /// <summary>Take the interface up if it is not.</summary>
    public bool BringUp { get; init; } = true;
}
