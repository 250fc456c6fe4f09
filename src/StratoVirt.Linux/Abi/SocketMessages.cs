using System.Runtime.InteropServices;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Linux.Abi;

/// <summary>A message with its address, its bytes and what travels beside them.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct msghdr
{
    internal nint msg_name;
    internal uint msg_namelen;
    internal nint msg_iov;
    internal nuint msg_iovlen;
    internal nint msg_control;
    internal nuint msg_controllen;
    internal int msg_flags;
}

/// <summary>The head of one thing that travels beside a message; its data follow.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct cmsghdr
{
    internal nuint cmsg_len;
    internal int cmsg_level;
    internal int cmsg_type;
}

internal static partial class LibC
{
    internal const int SOL_SOCKET = 1;
    internal const int SCM_RIGHTS = 1;
    internal const int MSG_CTRUNC = 8;
    internal const int MSG_CMSG_CLOEXEC = 0x40000000;
    internal const int SHUT_RD = 0;
    internal const int SHUT_WR = 1;
    internal const int SHUT_RDWR = 2;

    [LibraryImport(Library, SetLastError = true)]
    internal static partial nint sendmsg(FileDescriptor socket, in msghdr message, int flags);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial nint recvmsg(FileDescriptor socket, ref msghdr message, int flags);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int shutdown(FileDescriptor socket, int how);
}
