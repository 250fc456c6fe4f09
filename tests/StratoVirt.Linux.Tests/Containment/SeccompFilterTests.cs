using StratoVirt.Linux.Abi;
using StratoVirt.Linux.Containment;
using StratoVirt.Linux.Containment.Seccomp;

namespace StratoVirt.Linux.Tests.Containment;

public sealed class SeccompFilterTests
{
    private static readonly int Parent = SystemCall.Named("getppid").Number;

    [Fact]
    public void AFilterBindsItsThreadAlone()
    {
        OwnThread.Run(() =>
        {
            ThreadPrivileges.ForbidNew();
            SeccompFilter.Install(ContainedActs.Program("getppid", SeccompVerdict.Fail(Errno.NoSpace)));
            Assert.Equal(-1, LibC.syscall(Parent, 0, 0, 0));
            Assert.Equal(Errno.NoSpace, LinuxException.LastErrno);
        });
        Assert.True(LibC.syscall(Parent, 0, 0, 0) > 0);
    }

    [Fact]
    public void TheKernelReadsArgumentsAsTheEvaluatorDoes() => OwnThread.Run(() =>
    {
        var policy = new SeccompPolicy(
            [new SeccompRule(SystemCall.Named("getppid"), SeccompVerdict.Fail(Errno.Busy), ArgumentTest.IsOneOf(0, 3, 5), ArgumentTest.IsWideValue(2, 0x1_0000_0002))],
            SeccompVerdict.Allow);
        SeccompProgram program = SeccompProgram.Compile(policy);
        ThreadPrivileges.ForbidNew();
        SeccompFilter.Install(program);
        foreach (nint first in (nint[])[3, 4, 5, unchecked((nint)0xffff_ffff_0000_0003)])
        {
            foreach (nint third in (nint[])[2, unchecked((nint)0x1_0000_0002)])
            {
                var call = new SystemCallData("getppid", (ulong)first, 0, (ulong)third);
                Assert.Equal(BpfEvaluator.Run(program, call) == SeccompVerdict.Allow, LibC.syscall(Parent, first, 0, third) >= 0);
            }
        }
    });

    [Fact]
    public void OneStepFiltersAllThreads()
    {
        (int exitCode, string output) = OtherProcess.Run("all-threads");
        Assert.Equal(0, exitCode);
        Assert.Equal("-1 True True", output);
    }

    [Fact]
    public void ATrapEndsTheProcessAndNamesTheCall()
    {
        using var directory = new TemporaryDirectory();
        foreach (string call in (string[])["execve", "socket", "ptrace", "getppid"])
        {
            string record = Path.Combine(directory.Path, call);
            (int exitCode, _) = OtherProcess.Run("trap", record, call);
            Assert.Equal(ViolationTrap.ExitStatus, exitCode);
            ContainmentViolation? violation = ContainmentViolation.Read(File.ReadAllBytes(record));
            Assert.NotNull(violation);
            Assert.Equal(call, violation.Call.Name);
            Assert.Equal(ContainedActs.Mark, violation.Mark);
            Assert.False(violation.IsForeign);
            Assert.NotEqual(0ul, violation.Instruction);
        }
    }

    /// <summary>The collector's question for the host's memory is answered with "no such file"; any other file ends it.</summary>
    [Fact]
    public void TheCollectorsQuestionIsAnsweredAndNothingIsOpened()
    {
        using var directory = new TemporaryDirectory();
        string record = Path.Combine(directory.Path, "record");
        (int exitCode, string output) = OtherProcess.Run("trap", record, "openat");
        Assert.Equal(ViolationTrap.ExitStatus, exitCode);
        Assert.Equal("openat", ContainmentViolation.Read(File.ReadAllBytes(record))?.Call.Name);
        Assert.Equal($"opened {nameof(Errno.NoEntry)}", output);
    }

    /// <summary>Told to go on at once, the collector would drown the threads it stops in signals.</summary>
    [Fact]
    public void ASleepIsWaitedForAndNotMade()
    {
        using var directory = new TemporaryDirectory();
        string record = Path.Combine(directory.Path, "record");
        (int exitCode, string output) = OtherProcess.Run("trap", record, "clock_nanosleep");
        Assert.Equal((0, "opened 0 True"), (exitCode, output));
        Assert.Empty(File.ReadAllBytes(record));
    }

    [Fact]
    public void AKillNeedsNoHandler()
    {
        // The .NET process class shows a death by signal n as 128 + n.
        (int exitCode, _) = OtherProcess.Run("kill", "getppid");
        Assert.Equal(ViolationTrap.ExitStatus, exitCode);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(47)]
    [InlineData(48)]
    public void BytesThatAreNoRecordAreNone(int length) => Assert.Null(ContainmentViolation.Read(new byte[length]));
}
