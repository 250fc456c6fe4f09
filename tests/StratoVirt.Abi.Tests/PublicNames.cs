using StratoVirt.Linux;
using StratoVirt.Linux.Containment;
using StratoVirt.Linux.Containment.Landlock;
using StratoVirt.Linux.Handles;
using StratoVirt.Linux.Net;

namespace StratoVirt.Abi.Tests;

/// <summary>The kernel's names of public enumerations whose values are the kernel's.</summary>
internal static class PublicNames
{
    private static readonly Dictionary<Errno, string> Errnos = new()
    {
        [Errno.NotPermitted] = "EPERM",
        [Errno.NoEntry] = "ENOENT",
        [Errno.NoProcess] = "ESRCH",
        [Errno.Interrupted] = "EINTR",
        [Errno.InputOutput] = "EIO",
        [Errno.NoDeviceOrAddress] = "ENXIO",
        [Errno.TooBig] = "E2BIG",
        [Errno.BadDescriptor] = "EBADF",
        [Errno.Again] = "EAGAIN",
        [Errno.NoMemory] = "ENOMEM",
        [Errno.AccessDenied] = "EACCES",
        [Errno.Fault] = "EFAULT",
        [Errno.Busy] = "EBUSY",
        [Errno.Exists] = "EEXIST",
        [Errno.NoDevice] = "ENODEV",
        [Errno.NotDirectory] = "ENOTDIR",
        [Errno.IsDirectory] = "EISDIR",
        [Errno.InvalidArgument] = "EINVAL",
        [Errno.TooManyOpenFilesInSystem] = "ENFILE",
        [Errno.TooManyOpenFiles] = "EMFILE",
        [Errno.NotTerminal] = "ENOTTY",
        [Errno.FileTooLarge] = "EFBIG",
        [Errno.NoSpace] = "ENOSPC",
        [Errno.NotSeekable] = "ESPIPE",
        [Errno.ReadOnlyFileSystem] = "EROFS",
        [Errno.BrokenPipe] = "EPIPE",
        [Errno.NoSystemCall] = "ENOSYS",
        [Errno.NoData] = "ENODATA",
        [Errno.BadDescriptorState] = "EBADFD",
        [Errno.NotSupported] = "EOPNOTSUPP",
        [Errno.AddressInUse] = "EADDRINUSE",
        [Errno.ConnectionReset] = "ECONNRESET",
        [Errno.NoBufferSpace] = "ENOBUFS",
        [Errno.TimedOut] = "ETIMEDOUT",
        [Errno.ConnectionRefused] = "ECONNREFUSED",
    };

    private static readonly Dictionary<OpenFlags, string> Opens = new()
    {
        [OpenFlags.ReadOnly] = "O_RDONLY",
        [OpenFlags.WriteOnly] = "O_WRONLY",
        [OpenFlags.ReadWrite] = "O_RDWR",
        [OpenFlags.Create] = "O_CREAT",
        [OpenFlags.Exclusive] = "O_EXCL",
        [OpenFlags.NoControllingTerminal] = "O_NOCTTY",
        [OpenFlags.Truncate] = "O_TRUNC",
        [OpenFlags.Append] = "O_APPEND",
        [OpenFlags.NonBlocking] = "O_NONBLOCK",
        [OpenFlags.CloseOnExec] = "O_CLOEXEC",
        [OpenFlags.PathOnly] = "O_PATH",
    };

    private static readonly Dictionary<MemoryAdvice, string> Advices = new()
    {
        [MemoryAdvice.DontNeed] = "MADV_DONTNEED",
        [MemoryAdvice.Remove] = "MADV_REMOVE",
        [MemoryAdvice.HugePage] = "MADV_HUGEPAGE",
        [MemoryAdvice.DontDump] = "MADV_DONTDUMP",
        [MemoryAdvice.PopulateWrite] = "MADV_POPULATE_WRITE",
    };

    private static readonly Dictionary<EpollEvents, string> Epolls = new()
    {
        [EpollEvents.In] = "EPOLLIN",
        [EpollEvents.Priority] = "EPOLLPRI",
        [EpollEvents.Out] = "EPOLLOUT",
        [EpollEvents.Error] = "EPOLLERR",
        [EpollEvents.HangUp] = "EPOLLHUP",
        [EpollEvents.ReadHangUp] = "EPOLLRDHUP",
        [EpollEvents.Exclusive] = "EPOLLEXCLUSIVE",
        [EpollEvents.OneShot] = "EPOLLONESHOT",
        [EpollEvents.EdgeTriggered] = "EPOLLET",
    };

    private static readonly Dictionary<TapOffloads, string> Taps = new()
    {
        [TapOffloads.Checksum] = "TUN_F_CSUM",
        [TapOffloads.Tso4] = "TUN_F_TSO4",
        [TapOffloads.Tso6] = "TUN_F_TSO6",
        [TapOffloads.Ecn] = "TUN_F_TSO_ECN",
        [TapOffloads.Ufo] = "TUN_F_UFO",
    };

    private static readonly Dictionary<ResourceLimit, string> Limits = new()
    {
        [ResourceLimit.CoreBytes] = "RLIMIT_CORE",
        [ResourceLimit.Processes] = "RLIMIT_NPROC",
        [ResourceLimit.Descriptors] = "RLIMIT_NOFILE",
        [ResourceLimit.MessageQueueBytes] = "RLIMIT_MSGQUEUE",
        [ResourceLimit.RealTimePriority] = "RLIMIT_RTPRIO",
    };

    // Two are younger than the headers this is built with may be.
    private static readonly Dictionary<LandlockAccess, string> Accesses = new()
    {
        [LandlockAccess.Execute] = "LANDLOCK_ACCESS_FS_EXECUTE",
        [LandlockAccess.WriteFile] = "LANDLOCK_ACCESS_FS_WRITE_FILE",
        [LandlockAccess.ReadFile] = "LANDLOCK_ACCESS_FS_READ_FILE",
        [LandlockAccess.ReadDirectory] = "LANDLOCK_ACCESS_FS_READ_DIR",
        [LandlockAccess.RemoveDirectory] = "LANDLOCK_ACCESS_FS_REMOVE_DIR",
        [LandlockAccess.RemoveFile] = "LANDLOCK_ACCESS_FS_REMOVE_FILE",
        [LandlockAccess.MakeCharacterDevice] = "LANDLOCK_ACCESS_FS_MAKE_CHAR",
        [LandlockAccess.MakeDirectory] = "LANDLOCK_ACCESS_FS_MAKE_DIR",
        [LandlockAccess.MakeFile] = "LANDLOCK_ACCESS_FS_MAKE_REG",
        [LandlockAccess.MakeSocket] = "LANDLOCK_ACCESS_FS_MAKE_SOCK",
        [LandlockAccess.MakePipe] = "LANDLOCK_ACCESS_FS_MAKE_FIFO",
        [LandlockAccess.MakeBlockDevice] = "LANDLOCK_ACCESS_FS_MAKE_BLOCK",
        [LandlockAccess.MakeSymbolicLink] = "LANDLOCK_ACCESS_FS_MAKE_SYM",
        [LandlockAccess.Refer] = "LANDLOCK_ACCESS_FS_REFER",
    };

    /// <summary>Every member of each; a member without a name here is an error.</summary>
    internal static IEnumerable<(Enum Value, string KernelName)> All =>
        Named(Errnos, Errno.None)
            .Concat(Named(Opens))
            .Concat(Named(Advices))
            .Concat(Named(Taps, TapOffloads.None))
            .Concat(Named(Limits))
            .Concat(Named(Accesses, LandlockAccess.None, LandlockAccess.Truncate, LandlockAccess.ControlDevice))
            .Concat(Named(Epolls, EpollEvents.None));

    private static IEnumerable<(Enum Value, string KernelName)> Named<T>(Dictionary<T, string> names, params T[] ours)
        where T : struct, Enum =>
        Enum.GetValues<T>().Except(ours).Select(value =>
            ((Enum)value, names.TryGetValue(value, out string? name)
                ? name
                : throw new InvalidOperationException($"{typeof(T).Name}.{value} has no kernel name in {nameof(PublicNames)}.")));
}
