using System.Runtime.InteropServices;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Linux.Abi;

/// <summary>struct statx of <c>linux/stat.h</c>: laid out alike on every architecture, which struct stat is not.</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct statx
{
    [FieldOffset(0)] internal uint stx_mask;
    [FieldOffset(16)] internal uint stx_nlink;
    [FieldOffset(20)] internal uint stx_uid;
    [FieldOffset(28)] internal ushort stx_mode;
    [FieldOffset(32)] internal ulong stx_ino;
    [FieldOffset(40)] internal ulong stx_size;
    [FieldOffset(96)] internal statx_timestamp stx_ctime;
    [FieldOffset(128)] internal uint stx_rdev_major;
    [FieldOffset(132)] internal uint stx_rdev_minor;
    [FieldOffset(136)] internal uint stx_dev_major;
    [FieldOffset(140)] internal uint stx_dev_minor;
    [FieldOffset(152)] internal uint stx_dio_mem_align;
    [FieldOffset(156)] internal uint stx_dio_offset_align;
}

/// <summary>struct statx_timestamp of <c>linux/stat.h</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct statx_timestamp
{
    [FieldOffset(0)] internal long tv_sec;
    [FieldOffset(8)] internal uint tv_nsec;
}

internal static partial class LibC
{
    internal const int AT_FDCWD = -100;
    internal const int AT_SYMLINK_NOFOLLOW = 0x100;
    internal const int AT_REMOVEDIR = 0x200;
    internal const int AT_EMPTY_PATH = 0x1000;
    internal const uint STATX_BASIC_STATS = 0x7ff;
    internal const int S_IFMT = 0xf000;
    internal const int S_IFDIR = 0x4000;
    internal const int S_IFREG = 0x8000;
    internal const int S_IFIFO = 0x1000;
    internal const int S_IFSOCK = 0xc000;

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int statx(int directory, string path, int flags, uint mask, out statx status);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int statx(FileDescriptor directory, string path, int flags, uint mask, out statx status);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int renameat(int fromDirectory, string from, int toDirectory, string to);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int unlinkat(int directory, string path, int flags);

    [LibraryImport(Library)]
    internal static partial uint geteuid();
}
