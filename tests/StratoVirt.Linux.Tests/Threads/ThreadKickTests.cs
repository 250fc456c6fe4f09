using StratoVirt.Linux.Threads;

namespace StratoVirt.Linux.Tests.Threads;

/// <summary>Every test here runs on a thread of its own: the signal stays blocked in it.</summary>
public sealed class ThreadKickTests
{
    private const ulong KickBit = 1UL << (ThreadKick.Signal - 1);

    [Fact]
    public void AThreadHasTheKernelsId() => OnItsOwnThread(() =>
    {
        Assert.True(Directory.Exists($"/proc/self/task/{NativeThread.CurrentId}"));
        Assert.NotEqual(Environment.ProcessId, NativeThread.CurrentId);
    });

    [Fact]
    public void AKickWaitsUntilItIsConsumed() => OnItsOwnThread(() =>
    {
        ulong mask = ThreadKick.PrepareCurrentThread();
        Assert.Equal(0ul, mask & KickBit);
        Assert.False(ThreadKick.TryConsume());
        Assert.Equal(Errno.None, ThreadKick.Send(NativeThread.CurrentId));
        Assert.True(ThreadKick.TryConsume());
        Assert.False(ThreadKick.TryConsume());
    });

    [Fact]
    public void ManyKicksAreOne() => OnItsOwnThread(() =>
    {
        ThreadKick.PrepareCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            Assert.Equal(Errno.None, ThreadKick.Send(NativeThread.CurrentId));
        }

        Assert.True(ThreadKick.TryConsume());
        Assert.False(ThreadKick.TryConsume());
    });

    [Fact]
    public void PreparingTwiceStillGivesAMaskThatLetsTheKickThrough() => OnItsOwnThread(() =>
    {
        ulong first = ThreadKick.PrepareCurrentThread();
        Assert.Equal(first, ThreadKick.PrepareCurrentThread());
        string blocked = File.ReadLines($"/proc/self/task/{NativeThread.CurrentId}/status")
            .First(line => line.StartsWith("SigBlk:", StringComparison.Ordinal))["SigBlk:".Length..];
        Assert.NotEqual(0ul, Convert.ToUInt64(blocked.Trim(), 16) & KickBit);
    });

    [Fact]
    public void OtherThreadsStayAsTheyAre() => OnItsOwnThread(() =>
    {
        ThreadKick.PrepareCurrentThread();
        int kicked = NativeThread.CurrentId;
        ThreadKick.Send(kicked);
        OnItsOwnThread(() =>
        {
            ThreadKick.PrepareCurrentThread();
            Assert.False(ThreadKick.TryConsume());
        });
        Assert.True(ThreadKick.TryConsume());
    });

    [Fact]
    public void AThreadThatDoesNotExistIsReported() =>
        Assert.Equal(Errno.NoProcess, NativeThread.Signal(int.MaxValue, ThreadKick.Signal));

    private static void OnItsOwnThread(Action test)
    {
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                test();
            }
            catch (Exception exception)
            {
                failure = exception;
            }
        });
        thread.Start();
        thread.Join();
        if (failure is not null)
        {
            throw new AggregateException(failure);
        }
    }
}
