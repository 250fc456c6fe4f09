using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Linux.Abi;

/// <summary>struct ifreq of <c>net/if.h</c>: a network interface by name and one thing asked or told of it.</summary>
[StructLayout(LayoutKind.Explicit, Size = 40)]
internal struct ifreq
{
    [FieldOffset(0)] internal ifr_name ifr_name;
    [FieldOffset(16)] internal ushort ifr_flags;
    [FieldOffset(16)] internal int ifr_mtu;
}

/// <summary>An interface's name, ended by a zero.</summary>
[InlineArray(LibC.IFNAMSIZ)]
internal struct ifr_name
{
    private byte _first;
}

internal static partial class LibC
{
    internal const int IFNAMSIZ = 16;
    internal const int F_SETFD = 2;
    internal const int F_GETFL = 3;
    internal const int F_SETFL = 4;
    internal const int FD_CLOEXEC = 1;
    internal const int AF_INET = 2;
    internal const int SOCK_DGRAM = 2;
    internal const uint SIOCGIFFLAGS = 0x8913;
    internal const uint SIOCSIFFLAGS = 0x8914;
    internal const uint SIOCGIFMTU = 0x8921;
    internal const uint SIOCSIFMTU = 0x8922;
    internal const ushort IFF_UP = 1;
    internal const uint TUNSETIFF = 0x400454ca;
    internal const uint TUNSETPERSIST = 0x400454cb;
    internal const uint TUNSETOFFLOAD = 0x400454d0;
    internal const uint TUNGETIFF = 0x800454d2;
    internal const uint TUNSETVNETHDRSZ = 0x400454d8;
    internal const uint TUNSETQUEUE = 0x400454d9;
    internal const ushort IFF_TAP = 2;
    internal const ushort IFF_MULTI_QUEUE = 0x100;
    internal const ushort IFF_ATTACH_QUEUE = 0x200;
    internal const ushort IFF_DETACH_QUEUE = 0x400;
    internal const ushort IFF_NO_PI = 0x1000;
    internal const ushort IFF_VNET_HDR = 0x4000;

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int ioctl(FileDescriptor fd, nuint request, ref ifreq argument);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int ioctl(FileDescriptor fd, nuint request, in int argument);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int ioctl(FileDescriptor fd, nuint request, nint argument);
}
