using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Linux.Abi;

/// <summary>struct sockaddr_un of <c>sys/un.h</c>: the address of a local socket.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct sockaddr_un
{
    internal ushort sun_family;
    internal sun_path sun_path;
}

/// <summary>A path, ended by a zero where there is room.</summary>
[InlineArray(Length)]
internal struct sun_path
{
    internal const int Length = 108;

    private byte _first;
}

internal static partial class LibC
{
    internal const int AF_UNIX = 1;
    internal const int SOCK_STREAM = 1;
    internal const int SOCK_NONBLOCK = 0x800;
    internal const int SOCK_CLOEXEC = 0x80000;
    internal const int MSG_NOSIGNAL = 0x4000;

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int socket(int domain, int type, int protocol);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int bind(FileDescriptor socket, in sockaddr_un address, uint length);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int listen(FileDescriptor socket, int backlog);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int accept4(FileDescriptor socket, nint address, nint length, int flags);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int connect(FileDescriptor socket, in sockaddr_un address, uint length);
}
