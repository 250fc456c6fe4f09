using StratoVirt.Linux.Abi;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Linux.Containment.Jail;

/// <summary>
/// An empty root directory with only what is put into it, in mount, network, IPC, host name, control group and process
/// namespaces of its own. All of it belongs to the thread that made it and to the processes that thread starts; other
/// threads of the process stay where they are. Needs root.
/// </summary>
public sealed class JailRoot
{
    private const int Namespaces = LibC.CLONE_NEWNS | LibC.CLONE_NEWNET | LibC.CLONE_NEWIPC | LibC.CLONE_NEWUTS
        | LibC.CLONE_NEWCGROUP | LibC.CLONE_NEWPID;

    // Device nodes, mount points and sockets; nothing that is worth more.
    private const string Room = "size=1m,mode=0755";

    private const int Readable = 0x124;
    private const UnixFileMode PathMode = (UnixFileMode)0x1ed;

    private readonly string _root;

    private JailRoot(string root) => _root = root;

    /// <summary>Leaves the host's namespaces and begins a root.</summary>
    /// <param name="at">An empty directory that covers nothing anybody needs.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static JailRoot Create(string at)
    {
        Check(LibC.unshare(Namespaces), "unshare");

        // What is mounted here from now on is not seen outside.
        Check(LibC.mount(null, "/", null, LibC.MS_REC | LibC.MS_PRIVATE, null), "mount", "/");
        Check(LibC.mount("jail", at, "tmpfs", LibC.MS_NOSUID, Room), "mount", at);
        ReadOnlySpan<byte> name = "stratovirt"u8;
        Check(LibC.sethostname(in name[0], (nuint)name.Length), "sethostname");
        return new JailRoot(at);
    }

    /// <summary>Puts a file or directory of the host in, at the same path.</summary>
    /// <param name="path">An absolute path.</param>
    /// <param name="readOnly">Whether it can be read alone.</param>
    /// <param name="at">Another path for it inside.</param>
    /// <exception cref="LinuxException">It is not there, or cannot be mounted.</exception>
    public void Bind(string path, bool readOnly, string? at = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        FileStatus status = FileStatus.Find(path) ?? throw new LinuxException("mount", Errno.NoEntry, path);
        string target = Inside(at ?? path);
        if (status.IsDirectory)
        {
            MakeDirectory(target);
        }
        else
        {
            MakeDirectory(Path.GetDirectoryName(target)!);
            FileDescriptor.Open(target, OpenFlags.WriteOnly | OpenFlags.Create, Readable).Dispose();
        }

        Check(LibC.mount(path, target, null, LibC.MS_BIND, null), "mount", path);
        nuint flags = LibC.MS_BIND | LibC.MS_REMOUNT | LibC.MS_NOSUID | (readOnly ? LibC.MS_RDONLY : 0);
        Check(LibC.mount(null, target, null, flags | (at is null ? LibC.MS_NOEXEC : 0), null), "mount", path);
    }

    /// <summary>Puts a character device in, with an owner of its own.</summary>
    /// <param name="path">Where it is on the host and inside.</param>
    /// <param name="owner">Who alone may open it.</param>
    /// <exception cref="LinuxException">It is not there, or cannot be made.</exception>
    public void AddDevice(string path, uint owner)
    {
        ulong device = DeviceOf(path);
        string target = Inside(path);
        MakeDirectory(Path.GetDirectoryName(target)!);
        const int OwnerReadWrite = 0x180;
        Check(LibC.mknod(target, LibC.S_IFCHR | OwnerReadWrite, device), "mknod", path);
        Check(LibC.chown(target, owner, owner), "chown", path);
    }

    /// <summary>Makes the root the calling thread's, and lets go of the host's.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void Enter()
    {
        // The old root is put over the new one and taken away (pivot_root(2), "."): no directory for it is left behind.
        Check(LibC.chdir(_root), "chdir", _root);
        Check((int)LibC.pivot_root(SystemCall.Named("pivot_root").Number, ".", "."), "pivot_root");
        Check(LibC.umount2(".", LibC.MNT_DETACH), "umount2");
        Check(LibC.chdir("/"), "chdir", "/");
        Check(LibC.mount(null, "/", null, LibC.MS_BIND | LibC.MS_REMOUNT | LibC.MS_RDONLY | LibC.MS_NOSUID, null), "mount", "/");
    }

    private static void MakeDirectory(string path) =>
        Directory.CreateDirectory(path, PathMode);

    private static void Check(int result, string operation, string? context = null)
    {
        if (result < 0)
        {
            throw LinuxException.Last(operation, context);
        }
    }

    // As makedev(3) of the C library puts it together.
    private static ulong DeviceOf(string path)
    {
        Check(LibC.statx(LibC.AT_FDCWD, path, 0, LibC.STATX_BASIC_STATS, out statx status), "statx", path);
        ulong major = status.stx_rdev_major;
        ulong minor = status.stx_rdev_minor;
        return ((major & ~0xffful) << 32) | ((major & 0xfff) << 8) | ((minor & ~0xfful) << 12) | (minor & 0xff);
    }

    private string Inside(string path) => Path.Join(_root, path);
}
