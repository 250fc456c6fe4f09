using System.Runtime.InteropServices;

namespace StratoVirt.Bench.Abi;

/// <summary>A stretch of bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct iovec
{
    internal nint iov_base;
    internal nuint iov_len;
}

/// <summary>A message with what the kernel says of its length; struct msghdr comes first in it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct mmsghdr
{
    internal nint msg_name;
    internal uint msg_namelen;
    internal nint msg_iov;
    internal nuint msg_iovlen;
    internal nint msg_control;
    internal nuint msg_controllen;
    internal int msg_flags;
    private readonly int _padding;
    internal uint msg_len;
}

internal static class LibC
{
    internal const int ENOBUFS = 105;
    internal const int SOL_PACKET = 263;
    internal const int PACKET_QDISC_BYPASS = 20;

    // Nothing is marshalled: the array is pinned by whoever made it.
    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static extern int sendmmsg(nint socket, nint messages, uint count, int flags);
}
