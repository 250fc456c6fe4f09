using StratoVirt.Linux;
using StratoVirt.Linux.Containment;
using StratoVirt.Linux.Containment.Seccomp;
using StratoVirt.Linux.Threads;
using StratoVirt.Machine;
using static StratoVirt.Host.Containment.ThreadRoles;

namespace StratoVirt.Host.Containment;

/// <summary>
/// Every system call this process may make once its guest runs. <c>docs/syscalls.md</c> is written from it. What opens,
/// spawns and gains rights is over by then: helper processes run, and nothing is ever executed.
/// </summary>
internal static class CallGrants
{
    // As the kernel has them; a filter sees numbers alone.
    private const uint ExecutableMemory = 4;
    private const uint ThreadFlags = 0x3d0f00;
    private const uint UnixFamily = 1;
    private const uint InternetFamily = 2;
    private const uint DatagramSocket = 2;
    private const uint SocketTypeMask = 0xf;

    // MADV_DONTNEED, _FREE, _REMOVE, _HUGEPAGE, _DONTDUMP, _DODUMP, _POPULATE_WRITE.
    private static readonly uint[] Advice = [4, 8, 9, 14, 16, 17, 23];

    // F_SETFD, F_GETFL, F_SETFL, F_OFD_SETLK, F_DUPFD_CLOEXEC.
    private static readonly uint[] FileControls = [2, 3, 4, 37, 0x406];

    private static readonly ThreadRole[] Callers = [ThreadRole.Vcpu, ThreadRole.Io, ThreadRole.Worker, ThreadRole.Control];

    /// <summary>The table.</summary>
    /// <param name="processId">This process: signals go to its own threads alone.</param>
    public static IReadOnlyList<CallGrant> All(int processId) =>
    [
        .. OfTheRuntime(processId), .. OfMachines(), .. OfIo(), .. OfControl(), .. Answered(),
    ];

    private static IEnumerable<CallGrant> OfTheRuntime(int processId) =>
    [
        new("futex", ThreadRoles.All, "locks and waits"),
        new("clock_gettime", ThreadRoles.All, "time, on hosts whose clock needs the kernel"),
        new("madvise", ThreadRoles.All, "gives memory back and takes it: heap, guest memory")
        {
            Condition = "advice that gives, takes, or keeps out of dumps",
            Tests = [ArgumentTest.IsOneOf(2, Advice)],
        },
        new("mmap", ThreadRoles.All, "grows the heap; maps vCPUs and memory devices; fills what a mapped file has lost")
        {
            Condition = "nothing executable",
            Tests = [ArgumentTest.HasNone(2, ExecutableMemory)],
        },
        new("mprotect", ThreadRoles.All, "grows the heap")
        {
            Condition = "nothing executable",
            Tests = [ArgumentTest.HasNone(2, ExecutableMemory)],
        },
        new("munmap", ThreadRoles.All, "shrinks the heap; gives stacks back"),
        new("membarrier", ThreadRoles.All, "collections"),
        new("tgkill", ThreadRoles.All, "stops threads for a collection; kicks vCPUs")
        {
            Condition = "threads of this process",
            Tests = [ArgumentTest.IsOneOf(0, (uint)processId)],
        },
        new("getpid", ThreadRoles.All, "before each of those signals"),
        new("gettid", ThreadRoles.All, "a thread's own number, when the runtime first has to wait with it"),
        new("rt_sigreturn", ThreadRoles.All, "returns from the signal of a collection"),
        new("write", ThreadRoles.All, "rings doorbells and interrupts; consoles; the log"),
        new("exit", ThreadRoles.All, "ends a thread"),
    ];

    private static IEnumerable<CallGrant> OfMachines() =>
    [
        .. Array.ConvertAll(Callers, role => new CallGrant("ioctl", RolePolicy.FlagOf(role), PurposeOfIoctl(role))
        {
            Condition = "the requests of its role",
            Tests = [ArgumentTest.IsOneOf(1, ThreadRequests.Of(role))],
        }),
        new("rt_sigtimedwait", Vcpu, "eats the kick that ended KVM_RUN"),
        new("epoll_ctl", Io, "watches and forgets descriptors"),
    ];

    private static IEnumerable<CallGrant> OfIo() =>
    [
        new("read", Io | Worker | Log | Runtime, "doorbells, timers, taps, sockets, random numbers"),
        new("epoll_wait", Io, "event loops"),
        new("timerfd_settime", Io, "rate limits and retries"),
        new("io_uring_enter", Io, "disk I/O, in rings that can do nothing else"),
        new("accept4", Io, "takes connections of console ports, vsock and control sockets"),
        new("socket", Io, "connects a guest's vsock to a local socket")
        {
            Condition = "local sockets",
            Tests = [ArgumentTest.IsOneOf(0, UnixFamily)],
        },
        new("connect", Io, "the same"),
        new("sendmsg", Io, "sockets"),
        new("recvmsg", ThreadRoles.Control, "commands of control clients, and what they opened for a device they add"),
        new("shutdown", Io, "half-closed vsock connections"),
        new("close", Io | Worker | Log | Runtime, "what is no longer needed"),
        new("preadv2", Io | Worker, "packets; disk I/O without rings; the kernel's file at a reset"),
        new("pwritev2", Io | Worker | Log, "packets; disk I/O without rings; the console's log"),
        new("fdatasync", Io | Worker | Log, "flushes"),
        new("fallocate", Io | Worker, "gives ranges of an image back"),
        new("openat", Log, "a log that is full; devices that are added; how the machine ended"),
        new("renameat", Log, "the same"),
        new("statx", Io | Log, "the length of an image that was cut; otherwise the same"),
    ];

    private static IEnumerable<CallGrant> OfControl() =>
    [
        new("socket", ThreadRoles.Control, "asks a network interface")
        {
            Condition = "internet sockets for datagrams",
            Tests = [ArgumentTest.IsOneOf(0, InternetFamily), ArgumentTest.MaskedIs(1, SocketTypeMask, DatagramSocket)],
        },
        new("bind", ThreadRoles.Control, "sockets of devices that are added"),
        new("listen", ThreadRoles.Control, "the same"),
        new("unlinkat", ThreadRoles.Control, "sockets of devices that go; files and directory of a machine that ends"),
        new("fcntl", ThreadRoles.Control, "locks and flags of files")
        {
            Condition = "locks and flags",
            Tests = [ArgumentTest.IsOneOf(1, FileControls)],
        },
        new("eventfd2", ThreadRoles.Control, "devices that are added; a machine that is reset"),
        new("timerfd_create", ThreadRoles.Control, "the same"),
        new("epoll_create1", ThreadRoles.Control, "the same"),
        new("clone", ThreadRoles.Control, "threads")
        {
            Condition = "threads of this process",
            Tests = [ArgumentTest.IsOneOf(0, ThreadFlags)],
        },
        new("seccomp", ThreadRoles.Control, "takes calls from a new thread"),
        new("rt_sigprocmask", ThreadRoles.Control, "signals of a new thread"),
        new("exit_group", ThreadRoles.Control, "ends the process"),
    ];

    // What libraries try on the way, and can do without. An answer of 0 is a success in which nothing happened.
    private static IEnumerable<CallGrant> Answered() =>
    [
        Answer("sched_yield", ThreadRoles.All, Errno.None, "goes on at once"),
        WaitedFor("clock_nanosleep", "the collector, between the signals with which it stops threads"),
        Answer("prctl", ThreadRoles.Control, Errno.None, "a thread made this late goes without a name"),
        Answer("brk", ThreadRoles.All, Errno.None, "the C library's heap goes on in mappings"),
        Answer("mremap", ThreadRoles.All, Errno.NoMemory, "the C library copies instead"),
        Answer("sysinfo", ThreadRoles.All, Errno.NoSystemCall, "the collector guesses how much memory is free, which for a heap this small changes nothing"),
        Answer("prlimit64", ThreadRoles.All, Errno.NoSystemCall, "the collector takes it that there is no limit"),
        Answer("rt_sigprocmask", Vcpu | Io | Worker | Log | Runtime, Errno.None, "the mask stays as it is"),
        Answer("clone3", ThreadRoles.Control, Errno.NoSystemCall, "cannot be checked, so the C library goes on to clone"),
        Answer("rseq", ThreadRoles.Control, Errno.None, "a new thread does without; a refusal the C library takes for its end"),
        Answer("chmod", ThreadRoles.Control, Errno.None, "what is made here is its owner's alone from the start"),
        Answer("set_robust_list", ThreadRoles.Control, Errno.NoSystemCall, "a new thread does without"),
        Answer("sched_getaffinity", ThreadRoles.Control, Errno.NoSystemCall, "a new thread does without"),
        Answer("io_uring_setup", ThreadRoles.Control, Errno.NotPermitted, "a disk that is added has threads: a ring made now would pass by all filters"),
        Answer("stat", ThreadRoles.Control, Errno.NoEntry, "nothing is looked for any more"),
        Answer("lstat", ThreadRoles.Control, Errno.NoEntry, "nothing is looked for any more"),
        Answer("fstat", ThreadRoles.Control | Log, Errno.NoSystemCall, "the C library assumes a file"),
        Answer("newfstatat", ThreadRoles.Control | Log, Errno.NoSystemCall, "the C library assumes a file"),
        Answer("access", ThreadRoles.Control, Errno.NoEntry, "nothing is looked for any more"),
        Answer("readlink", ThreadRoles.Control, Errno.NoEntry, "nothing is looked for any more"),
        .. AnsweredForFiles(),
        Answer("kill", ThreadRoles.Control, Errno.None, "a helper process ends with its connection"),
        Answer("wait4", ThreadRoles.Control, Errno.None, "the same"),
    ];

    // What .NET asks of a file beyond opening, reading and writing it. Code here does not use its files after the start;
    // should some library, then it fails or does without, and the machine lives.
    private static IEnumerable<CallGrant> AnsweredForFiles() =>
    [
        Answer("lseek", ThreadRoles.Control, Errno.NotSeekable, "files are read from their beginning to their end"),
        Answer("pread64", ThreadRoles.Control, Errno.NotSeekable, "the same"),
        Answer("pwrite64", ThreadRoles.Control, Errno.NotSeekable, "the same"),
        Answer("flock", ThreadRoles.Control, Errno.None, "taken for locked"),
        Answer("fadvise64", ThreadRoles.Control, Errno.None, "advice is not needed"),
        Answer("fstatfs", ThreadRoles.Control, Errno.NoSystemCall, "not needed"),
        Answer("ftruncate", ThreadRoles.Control, Errno.InvalidArgument, "not needed"),
        Answer("getdents64", ThreadRoles.Control, Errno.NoSystemCall, "directories are not listed any more"),
        Answer("getcwd", ThreadRoles.Control, Errno.NoEntry, "paths are absolute"),
    ];

    private static CallGrant Answer(string call, ThreadRoles roles, Errno errno, string reason) =>
        new(call, roles, reason) { Verdict = SeccompVerdict.Fail(errno) };

    // A filter cannot wait. Where there is no handler that does, the call itself has to be made.
    private static CallGrant WaitedFor(string call, string purpose) => new(call, ThreadRoles.All, purpose)
    {
        Verdict = ViolationTrap.IsSupported ? SeccompVerdict.Trap(ViolationTrap.AnsweredMark) : SeccompVerdict.Allow,
    };

    private static string PurposeOfIoctl(ThreadRole role) => role switch
    {
        ThreadRole.Vcpu => "runs the vCPU; routes interrupts and doorbells",
        ThreadRole.Io => "taps; guest memory that is plugged; the length of a block device",
        ThreadRole.Worker => "gives ranges of a block device back",
        _ => "makes a machine anew at a reset; opens devices that are added",
    };
}
