using System.Runtime.InteropServices;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Linux.Abi;

/// <summary>A number of a queue.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct vhost_vring_state
{
    internal uint index;
    internal uint num;
}

/// <summary>A descriptor of a queue; -1 for none.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct vhost_vring_file
{
    internal uint index;
    internal int fd;
}

/// <summary>Where a queue's rings are, as addresses of this process.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct vhost_vring_addr
{
    internal uint index;
    internal uint flags;
    internal ulong desc_user_addr;
    internal ulong used_user_addr;
    internal ulong avail_user_addr;
    internal ulong log_guest_addr;
}

/// <summary>A region of guest memory and where this process has it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct vhost_memory_region
{
    internal ulong guest_phys_addr;
    internal ulong memory_size;
    internal ulong userspace_addr;
    internal ulong flags_padding;
}

/// <summary>What precedes the regions.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct vhost_memory
{
    internal uint nregions;
    internal uint padding;
}

internal static partial class LibC
{
    internal const uint VHOST_GET_FEATURES = 0x8008af00;
    internal const uint VHOST_SET_FEATURES = 0x4008af00;
    internal const uint VHOST_SET_OWNER = 0xaf01;
    internal const uint VHOST_SET_MEM_TABLE = 0x4008af03;
    internal const uint VHOST_SET_VRING_NUM = 0x4008af10;
    internal const uint VHOST_SET_VRING_ADDR = 0x4028af11;
    internal const uint VHOST_SET_VRING_BASE = 0x4008af12;
    internal const uint VHOST_GET_VRING_BASE = 0xc008af12;
    internal const uint VHOST_SET_VRING_KICK = 0x4008af20;
    internal const uint VHOST_SET_VRING_CALL = 0x4008af21;
    internal const uint VHOST_SET_VRING_ERR = 0x4008af22;
    internal const uint VHOST_NET_SET_BACKEND = 0x4008af30;

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int ioctl(FileDescriptor fd, nuint request, ref vhost_vring_state argument);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int ioctl(FileDescriptor fd, nuint request, in vhost_vring_file argument);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int ioctl(FileDescriptor fd, nuint request, in vhost_vring_addr argument);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int ioctl(FileDescriptor fd, nuint request, ref byte argument);
}
