namespace StratoVirt.Linux.Handles;

/// <summary>Readiness of a descriptor, and how to watch for it: the values of epoll_ctl(2).</summary>
[Flags]
public enum EpollEvents : uint
{
    /// <summary>Nothing.</summary>
    None = 0,
    /// <summary>EPOLLIN: there is something to read.</summary>
    In = 0x1,
    /// <summary>EPOLLPRI: an exceptional condition.</summary>
    Priority = 0x2,
    /// <summary>EPOLLOUT: a write would not block.</summary>
    Out = 0x4,
    /// <summary>EPOLLERR: an error; always reported.</summary>
    Error = 0x8,
    /// <summary>EPOLLHUP: the other end is gone; always reported.</summary>
    HangUp = 0x10,
    /// <summary>EPOLLRDHUP: the peer has closed its writing half.</summary>
    ReadHangUp = 0x2000,
    /// <summary>EPOLLEXCLUSIVE: wake one waiter only.</summary>
    Exclusive = 0x1000_0000,
    /// <summary>EPOLLONESHOT: report once, then wait to be re-armed by a modification.</summary>
    OneShot = 0x4000_0000,
    /// <summary>EPOLLET: report changes, not levels.</summary>
    EdgeTriggered = 0x8000_0000,
}
