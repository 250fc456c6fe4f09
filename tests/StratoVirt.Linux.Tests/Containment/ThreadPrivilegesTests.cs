using StratoVirt.Linux.Containment;
using StratoVirt.Linux.Threads;

namespace StratoVirt.Linux.Tests.Containment;

public sealed class ThreadPrivilegesTests
{
    [Fact]
    public void AThreadLosesAllCapabilitiesForGood() => OwnThread.Run(() =>
    {
        ThreadPrivileges.ForbidNew();
        ThreadPrivileges.DropCapabilities();
        AssertBound();
        ThreadPrivileges.DropCapabilities();
        OwnThread.Run(AssertBound);
    });

    [Fact]
    public void OtherThreadsKeepTheirs()
    {
        ThreadContainment before = Present();
        OwnThread.Run(ThreadPrivileges.DropCapabilities);
        Assert.Equal(before, Present());
    }

    [Fact]
    public void LimitsOnlyGoDown()
    {
        (int exitCode, string output) = OtherProcess.Run("limits");
        Assert.Equal(0, exitCode);
        Assert.Equal("512 0", output);
    }

    [Fact]
    public void AStatusWithoutAFieldReadsAsUnbound() =>
        Assert.Equal(new ThreadContainment(12, "a", false, false, 0xff, 0), ThreadContainment.Parse(["Name:\ta", "Pid:\t12", "CapPrm:\t00000000000000ff"]));

    private static void AssertBound()
    {
        ThreadContainment present = Present();
        Assert.True(present.IsForbiddenNew);
        Assert.Equal(0ul, present.Permitted);
        Assert.Equal(0ul, Environment.IsPrivilegedProcess ? present.Bounding : 0);
    }

    private static ThreadContainment Present() => ThreadContainment.ReadAll().Single(thread => thread.ThreadId == NativeThread.CurrentId);
}
