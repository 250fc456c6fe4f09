using StratoVirt.Linux;
using StratoVirt.Linux.Handles;

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
        [Errno.TooManyOpenFiles] = "EMFILE",
        [Errno.NotTerminal] = "ENOTTY",
        [Errno.NoSpace] = "ENOSPC",
        [Errno.BrokenPipe] = "EPIPE",
        [Errno.NoSystemCall] = "ENOSYS",
        [Errno.NotSupported] = "EOPNOTSUPP",
        [Errno.TimedOut] = "ETIMEDOUT",
    };

    private static readonly Dictionary<OpenFlags, string> Opens = new()
    {
        [OpenFlags.ReadOnly] = "O_RDONLY",
        [OpenFlags.WriteOnly] = "O_WRONLY",
        [OpenFlags.ReadWrite] = "O_RDWR",
        [OpenFlags.Create] = "O_CREAT",
        [OpenFlags.Exclusive] = "O_EXCL",
        [OpenFlags.Truncate] = "O_TRUNC",
        [OpenFlags.Append] = "O_APPEND",
        [OpenFlags.NonBlocking] = "O_NONBLOCK",
        [OpenFlags.CloseOnExec] = "O_CLOEXEC",
    };

    private static readonly Dictionary<MemoryAdvice, string> Advices = new()
    {
        [MemoryAdvice.DontNeed] = "MADV_DONTNEED",
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

    /// <summary>Every member of each; a member without a name here is an error.</summary>
    internal static IEnumerable<(Enum Value, string KernelName)> All =>
        Named(Errnos, Errno.None)
            .Concat(Named(Opens))
            .Concat(Named(Advices))
            .Concat(Named(Epolls, EpollEvents.None));

    private static IEnumerable<(Enum Value, string KernelName)> Named<T>(Dictionary<T, string> names, params T[] ours)
        where T : struct, Enum =>
        Enum.GetValues<T>().Except(ours).Select(value =>
            ((Enum)value, names.TryGetValue(value, out string? name)
                ? name
                : throw new InvalidOperationException($"{typeof(T).Name}.{value} has no kernel name in {nameof(PublicNames)}.")));
}
