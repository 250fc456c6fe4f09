using System.Diagnostics;
using StratoVirt.Machine.Runtime;

namespace StratoVirt.Machine.Tests.Runtime;

public sealed class ProcessIdentityTests
{
    [Fact]
    public void AProcessIsItselfAndNoOther()
    {
        ulong ticks = ProcessIdentity.StartTicksOf(Environment.ProcessId)!.Value;

        Assert.True(ProcessIdentity.IsAlive(Owner(Environment.ProcessId, ticks)));
        Assert.False(ProcessIdentity.IsAlive(Owner(Environment.ProcessId, ticks + 1)));
        Assert.False(ProcessIdentity.IsAlive(Owner(0, 0)));
        Assert.False(ProcessIdentity.IsAlive(Owner(-1, ticks)));
    }

    [Fact]
    public void AnEndedProcessHasNoStart()
    {
        using Process ended = Process.Start("true");
        ended.WaitForExit();

        Assert.Null(ProcessIdentity.StartTicksOf(ended.Id));
    }

    [Fact]
    public void ACommandWithBracketsDoesNotConfuse()
    {
        string directory = Directory.CreateTempSubdirectory("stratovirt-test-").FullName;
        try
        {
            string odd = Path.Combine(directory, "a) S 1 (b");
            File.CreateSymbolicLink(odd, "/bin/sleep");
            using Process sleeping = Process.Start(odd, "600");
            ulong? ticks = ProcessIdentity.StartTicksOf(sleeping.Id);
            sleeping.Kill();
            sleeping.WaitForExit();

            Assert.InRange(ticks!.Value, ProcessIdentity.StartTicksOf(Environment.ProcessId)!.Value, ulong.MaxValue);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static RuntimeOwner Owner(int processId, ulong ticks) =>
        new() { Name = "x", ProcessId = processId, ProcessStartTicks = ticks, StartedAt = DateTimeOffset.UtcNow };
}
