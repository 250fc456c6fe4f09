using StratoVirt.Host.Containment;
using StratoVirt.Host.Tests.Native;
using StratoVirt.Linux.Containment;
using StratoVirt.Linux.Containment.Seccomp;
using StratoVirt.Linux.Threads;

namespace StratoVirt.Host.Tests.Containment;

/// <summary>The filters, run on calls that nobody makes.</summary>
public sealed class PolicyTests
{
    private const int ProcessId = 4711;
    private static readonly IReadOnlyList<CallGrant> Grants = CallGrants.All(ProcessId);

    public static TheoryData<ThreadRole> Roles => [.. Enum.GetValues<ThreadRole>()];

    [Fact]
    public void AVcpuThreadMakes15CallsAtMostAndTheProcess45()
    {
        Assert.InRange(CallDocument.Count(ThreadRole.Vcpu, Grants), 1, 15);
        Assert.InRange(Grants.Where(grant => grant.IsMade).Select(grant => grant.Call).Distinct().Count(), 1, 45);
    }

    [Fact]
    public void TheDocumentIsInStep()
    {
        string path = Path.Combine(Path.GetDirectoryName(HostFactAttribute.Program)!, "..", "docs", "syscalls.md");
        if (Environment.GetEnvironmentVariable("STRATOVIRT_WRITE_DOCS") is not null)
        {
            File.WriteAllText(path, CallDocument.Write());
        }

        Assert.Equal(CallDocument.Write(), File.ReadAllText(path));
    }

    [Theory]
    [MemberData(nameof(Roles))]
    public void NobodyExecutesTracesMountsOrBecomesAnother(ThreadRole role) => Assert.All(
        (string[])["execve", "execveat", "fork", "vfork", "clone3", "ptrace", "process_vm_readv", "process_vm_writev", "mount", "setns", "unshare",
            "pivot_root", "chroot", "setuid", "setresuid", "capset", "bpf", "perf_event_open", "userfaultfd", "keyctl", "init_module",
            "io_uring_setup", "io_uring_register", "memfd_create", "open_by_handle_at", "rt_sigaction", "kill", "pidfd_open", "ioperm", "iopl"],
        call => Assert.NotEqual(SeccompVerdict.Allow, Run(role, call)));

    [Theory]
    [MemberData(nameof(Roles))]
    public void NoMemoryBecomesExecutable(ThreadRole role)
    {
        Assert.Equal(SeccompVerdict.Allow, Run(role, "mmap", 0, 4096, 3, 0x22, ulong.MaxValue, 0));
        Assert.NotEqual(SeccompVerdict.Allow, Run(role, "mmap", 0, 4096, 7, 0x22, ulong.MaxValue, 0));
        Assert.Equal(SeccompVerdict.Allow, Run(role, "mprotect", 0, 4096, 3));
        Assert.NotEqual(SeccompVerdict.Allow, Run(role, "mprotect", 0, 4096, 5));
    }

    [Theory]
    [MemberData(nameof(Roles))]
    public void SignalsStayInside(ThreadRole role)
    {
        Assert.Equal(SeccompVerdict.Allow, Run(role, "tgkill", ProcessId, 1, 34));
        Assert.NotEqual(SeccompVerdict.Allow, Run(role, "tgkill", ProcessId + 1, 1, 34));
    }

    [Fact]
    public void AVcpuThreadOpensNothingAndRunsItsVcpu()
    {
        Assert.Equal(SeccompVerdict.Allow, Run(ThreadRole.Vcpu, "ioctl", 9, 0xae80));
        Assert.All((string[])["openat", "open", "openat2", "socket", "connect", "accept4", "clone", "dup", "close", "read"], call =>
            Assert.Equal(SeccompVerdict.Trap((ushort)ThreadRole.Vcpu), Run(ThreadRole.Vcpu, call)));
        Assert.All((ulong[])[0xae01, 0xae41, 0x5401, 0x5412], request =>
            Assert.Equal(SeccompVerdict.Trap((ushort)ThreadRole.Vcpu), Run(ThreadRole.Vcpu, "ioctl", 9, request)));
    }

    [Fact]
    public void AnIoThreadReachesLocalSocketsAlone()
    {
        Assert.Equal(SeccompVerdict.Allow, Run(ThreadRole.Io, "socket", 1, 1));
        Assert.All((ulong[])[2, 10, 16, 17, 40], family => Assert.NotEqual(SeccompVerdict.Allow, Run(ThreadRole.Io, "socket", family, 1)));
        Assert.NotEqual(SeccompVerdict.Allow, Run(ThreadRole.Io, "openat"));
    }

    [Fact]
    public void ControlThreadsMakeThreadsAndNoProcesses()
    {
        Assert.Equal(SeccompVerdict.Allow, Run(ThreadRole.Control, "clone", 0x3d0f00));
        Assert.NotEqual(SeccompVerdict.Allow, Run(ThreadRole.Control, "clone", 0x11));
        Assert.NotEqual(SeccompVerdict.Allow, Run(ThreadRole.Control, "clone", 0x3d0f00 | 0x10000000));
        Assert.NotEqual(SeccompVerdict.Allow, Run(ThreadRole.Control, "socket", 2, 1));
    }

    /// <summary>The handler of violations writes and ends the process, whoever is caught.</summary>
    [Theory]
    [MemberData(nameof(Roles))]
    public void AViolationCanBeWrittenDown(ThreadRole role)
    {
        Assert.Equal(SeccompVerdict.Allow, Run(role, "write", 5, 0, 48));
        Assert.Equal(SeccompVerdict.Trap((ushort)role), Run(role, "execve"));
        Assert.Equal(
            SeccompVerdict.Trap((ushort)role),
            BpfEvaluator.Run(SeccompProgram.Compile(RolePolicy.Of(role, Grants)), new SystemCallData(-1, SystemCall.Architecture, [])));
    }

    [Fact]
    public void EveryGrantIsOfACallThatIs() => Assert.All(Grants, grant => Assert.True(SystemCall.TryFind(grant.Call, out _), grant.Call));

    private static SeccompVerdict Run(ThreadRole role, string call, params ulong[] arguments) =>
        BpfEvaluator.Run(SeccompProgram.Compile(RolePolicy.Of(role, Grants)), new SystemCallData(call, arguments));
}
