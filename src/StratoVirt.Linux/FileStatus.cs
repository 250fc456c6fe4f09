using StratoVirt.Linux.Abi;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Linux;

/// <summary>What statx(2) says about a file: which one it is, whose, and who may use it.</summary>
/// <param name="Device">Device it lies on, major number in the upper half.</param>
/// <param name="Inode">Its number on that device.</param>
/// <param name="Links">Names it has; 0 when it was deleted while open.</param>
/// <param name="Owner">User id of its owner.</param>
/// <param name="Mode">Type and permission bits as in <c>st_mode</c>.</param>
/// <param name="Length">Bytes of content.</param>
/// <param name="Changed">When content or status last changed (ctime), in nanoseconds since 1970. Unlike the time of
/// modification, no user can set it.</param>
public readonly record struct FileStatus(
    ulong Device, ulong Inode, uint Links, uint Owner, int Mode, ulong Length, long Changed)
{
    /// <summary>The user id this process acts as (geteuid).</summary>
    public static uint EffectiveUser => LibC.geteuid();

    /// <summary>It is a directory.</summary>
    public bool IsDirectory => (Mode & LibC.S_IFMT) == LibC.S_IFDIR;

    /// <summary>It is a regular file.</summary>
    public bool IsRegular => (Mode & LibC.S_IFMT) == LibC.S_IFREG;

    /// <summary>It is a pipe, named or not.</summary>
    public bool IsPipe => (Mode & LibC.S_IFMT) == LibC.S_IFIFO;

    /// <summary>It is the file of a local socket.</summary>
    public bool IsSocket => (Mode & LibC.S_IFMT) == LibC.S_IFSOCK;

    /// <summary>Permission bits, without the type.</summary>
    public int Permissions => Mode & 0xfff;

    /// <summary>Looks at a path without following a symbolic link at its end; null when nothing is there.</summary>
    /// <exception cref="LinuxException">Any failure other than the path not existing.</exception>
    public static FileStatus? Find(string path)
    {
        if (LibC.statx(LibC.AT_FDCWD, path, LibC.AT_SYMLINK_NOFOLLOW, LibC.STATX_BASIC_STATS, out statx status) == 0)
        {
            return From(in status);
        }

        Errno errno = LinuxException.LastErrno;
        return errno is Errno.NoEntry or Errno.NotDirectory ? null : throw new LinuxException("statx", errno, path);
    }

    /// <summary>Looks at an open file.</summary>
    /// <exception cref="LinuxException">The descriptor is not open.</exception>
    public static FileStatus Of(FileDescriptor file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return LibC.statx(file, string.Empty, LibC.AT_EMPTY_PATH, LibC.STATX_BASIC_STATS, out statx status) == 0
            ? From(in status)
            : throw LinuxException.Last("statx");
    }

    /// <summary>Both describe one and the same file, whatever has changed on it.</summary>
    public bool IsSameFile(FileStatus other) => Device == other.Device && Inode == other.Inode;

    private static FileStatus From(in statx status) => new(
        ((ulong)status.stx_dev_major << 32) | status.stx_dev_minor,
        status.stx_ino,
        status.stx_nlink,
        status.stx_uid,
        status.stx_mode,
        status.stx_size,
        unchecked((status.stx_ctime.tv_sec * 1_000_000_000) + status.stx_ctime.tv_nsec));
}
