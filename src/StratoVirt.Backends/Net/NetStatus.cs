namespace StratoVirt.Backends.Net;

/// <summary>How one frame fared.</summary>
public enum NetStatus
{
    /// <summary>It was moved.</summary>
    Done,

    /// <summary>It was not: the descriptor will become ready when it can be.</summary>
    WouldBlock,

    /// <summary>It is lost; see <see cref="INetQueue.LastError"/>. The next may fare better.</summary>
    Dropped,

    /// <summary>The host's side has gone for good; see <see cref="INetBackend.Problem"/>.</summary>
    Gone,
}
