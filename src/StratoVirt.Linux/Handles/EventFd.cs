using StratoVirt.Linux.Abi;

namespace StratoVirt.Linux.Handles;

/// <summary>An eventfd(2): a 64-bit counter that a thread or the kernel adds to and another waits on.</summary>
public sealed class EventFd : FileDescriptor
{
    private EventFd(int descriptor)
        : base(descriptor)
    {
    }

    /// <summary>Creates a non-blocking eventfd with a count of zero.</summary>
    /// <exception cref="LinuxException">The process has no descriptor left.</exception>
    public static EventFd Create()
    {
        int descriptor = LibC.eventfd(0, LibC.EFD_CLOEXEC | LibC.EFD_NONBLOCK);
        return descriptor < 0 ? throw LinuxException.Last("eventfd") : new EventFd(descriptor);
    }

    /// <summary>Adds one. A full counter (2^64-2) already says what there is to say, so that is no error.</summary>
    public void Signal()
    {
        ulong one = 1;
        _ = LibC.write(this, ref one, sizeof(ulong));
    }

    /// <summary>Takes the count and sets it to zero; zero when nothing was signalled.</summary>
    public ulong Drain()
    {
        ulong count = 0;
        return LibC.read(this, ref count, sizeof(ulong)) == sizeof(ulong) ? count : 0;
    }
}
