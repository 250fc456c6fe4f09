using StratoVirt.Linux.Abi;

namespace StratoVirt.Linux.Net;

public sealed partial class UnixSocket
{
    /// <summary>Makes two sockets connected to each other, without a name anybody else could connect to (socketpair).</summary>
    /// <exception cref="LinuxException">The process has no descriptor left.</exception>
    public static (UnixSocket First, UnixSocket Second) CreatePair()
    {
        // Two numbers of 32 bits, the first in the lower half on both architectures, which are little-endian.
        int type = LibC.SOCK_STREAM | LibC.SOCK_NONBLOCK | LibC.SOCK_CLOEXEC;
        return LibC.socketpair(LibC.AF_UNIX, type, 0, out ulong pair) < 0
            ? throw LinuxException.Last("socketpair")
            : (new UnixSocket((int)(uint)pair), new UnixSocket((int)(pair >> 32)));
    }
}
