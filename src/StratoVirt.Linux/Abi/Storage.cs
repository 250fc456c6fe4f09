using System.Runtime.InteropServices;
using StratoVirt.Linux.Handles;
using StratoVirt.Linux.Storage;

namespace StratoVirt.Linux.Abi;

/// <summary>struct flock of <c>fcntl.h</c> on 64-bit Linux: a lock on a range of a file.</summary>
[StructLayout(LayoutKind.Explicit, Size = 32)]
internal struct flock
{
    [FieldOffset(0)] internal short l_type;
    [FieldOffset(2)] internal short l_whence;
    [FieldOffset(8)] internal long l_start;
    [FieldOffset(16)] internal long l_len;
    [FieldOffset(24)] internal int l_pid;
}

internal static partial class LibC
{
    internal const int F_OFD_SETLK = 37;
    internal const short F_RDLCK = 0;
    internal const short F_WRLCK = 1;
    internal const short F_UNLCK = 2;
    internal const int FALLOC_FL_KEEP_SIZE = 1;
    internal const int FALLOC_FL_PUNCH_HOLE = 2;
    internal const int FALLOC_FL_ZERO_RANGE = 0x10;
    internal const int IOV_MAX = 1024;
    internal const uint BLKSSZGET = 0x1268;
    internal const uint BLKPBSZGET = 0x127b;
    internal const uint BLKDISCARD = 0x1277;
    internal const uint BLKGETSIZE64 = 0x80081272;
    internal const uint STATX_DIOALIGN = 0x2000;
    internal const int S_IFBLK = 0x6000;

    // With an offset of -1 these are readv and writev. One pair for all vectored I/O is two calls fewer that a
    // contained process must be let make.
    [LibraryImport(Library, SetLastError = true)]
    internal static partial nint preadv2(FileDescriptor fd, nint vectors, int count, long offset, int flags);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial nint pwritev2(FileDescriptor fd, nint vectors, int count, long offset, int flags);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int fdatasync(FileDescriptor fd);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int fallocate(FileDescriptor fd, int mode, long offset, long length);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int fcntl(FileDescriptor fd, int command, in flock argument);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int ioctl(FileDescriptor fd, nuint request, out ulong argument);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int ioctl(FileDescriptor fd, nuint request, out uint argument);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int ioctl(FileDescriptor fd, nuint request, in DeviceRange argument);
}
