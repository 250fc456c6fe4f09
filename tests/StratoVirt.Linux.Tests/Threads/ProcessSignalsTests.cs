using StratoVirt.Linux.Abi;
using StratoVirt.Linux.Tests.Containment;
using StratoVirt.Linux.Threads;

namespace StratoVirt.Linux.Tests.Threads;

public sealed class ProcessSignalsTests
{
    [Fact]
    public void ARequestAndAWakeAreToldApart() => OwnThread.Run(() =>
    {
        ProcessSignals.Block();
        Assert.False(ProcessSignals.AwaitRequest(TimeSpan.Zero));
        Assert.Equal(Errno.None, NativeThread.Signal(NativeThread.CurrentId, LibC.SIGTERM));
        Assert.True(ProcessSignals.AwaitRequest(TimeSpan.FromMinutes(1)));
        Assert.Equal(Errno.None, ThreadKick.Send(NativeThread.CurrentId));
        Assert.False(ProcessSignals.AwaitRequest(TimeSpan.FromMinutes(1)));
        Assert.Equal(Errno.None, NativeThread.Signal(NativeThread.CurrentId, LibC.SIGINT));
        Assert.True(ProcessSignals.AwaitRequest(TimeSpan.FromMinutes(1)));
    });
}
