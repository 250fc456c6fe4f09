using StratoVirt.Linux.Handles;

namespace StratoVirt.Linux.Tests.Handles;

public sealed class EpollTests
{
    private const ulong Token = 0xfedc_ba98_7654_3210;

    [Fact]
    public void WhatIsReadyIsReported()
    {
        using Epoll epoll = Epoll.Create();
        using EventFd first = EventFd.Create();
        using EventFd second = EventFd.Create();
        epoll.Add(first, EpollEvents.In, Token);
        epoll.Add(second, EpollEvents.In, 2);
        var ready = new EpollEvent[4];
        Assert.Equal(0, epoll.Wait(ready, 0));

        first.Signal();
        Assert.Equal(1, epoll.Wait(ready, -1));
        Assert.Equal(new EpollEvent(EpollEvents.In, Token), ready[0]);

        second.Signal();
        Assert.Equal(2, epoll.Wait(ready, -1));
        Assert.Equal([2ul, Token], ready[..2].Select(entry => entry.Token).Order());
        Assert.Equal(1, epoll.Wait(ready.AsSpan(0, 1), -1));

        epoll.Remove(first);
        Assert.Equal(1ul, second.Drain());
        Assert.Equal(0, epoll.Wait(ready, 0));
    }

    [Fact]
    public void AModificationReplacesInterestAndToken()
    {
        using Epoll epoll = Epoll.Create();
        using EventFd source = EventFd.Create();
        var ready = new EpollEvent[4];
        epoll.Add(source, EpollEvents.None, 1);
        source.Signal();
        Assert.Equal(0, epoll.Wait(ready, 0));
        epoll.Modify(source, EpollEvents.In | EpollEvents.Out | EpollEvents.OneShot, 9);
        Assert.Equal(1, epoll.Wait(ready, 0));
        Assert.Equal(new EpollEvent(EpollEvents.In | EpollEvents.Out, 9), ready[0]);
        Assert.Equal(0, epoll.Wait(ready, 0));
    }

    [Fact]
    public void MoreThanOneBatchArrivesWithTheNextWait()
    {
        using Epoll epoll = Epoll.Create();
        EventFd[] sources = [.. Enumerable.Range(0, 100).Select(_ => EventFd.Create())];
        for (int i = 0; i < sources.Length; i++)
        {
            epoll.Add(sources[i], EpollEvents.In | EpollEvents.EdgeTriggered, (ulong)i);
            sources[i].Signal();
        }

        var ready = new EpollEvent[100];
        var seen = new HashSet<ulong>();
        int count;
        while ((count = epoll.Wait(ready, 0)) > 0)
        {
            Assert.True(count <= Epoll.MaxEventsPerWait);
            seen.UnionWith(ready[..count].Select(entry => entry.Token));
        }

        Assert.Equal(100, seen.Count);
        Array.ForEach(sources, source => source.Dispose());
    }

    [Fact]
    public void MisuseIsNamed()
    {
        using Epoll epoll = Epoll.Create();
        using EventFd source = EventFd.Create();
        Assert.Equal(Errno.NoEntry, Assert.Throws<LinuxException>(() => epoll.Remove(source)).Errno);
        epoll.Add(source, EpollEvents.In, 1);
        Assert.Equal(Errno.Exists, Assert.Throws<LinuxException>(() => epoll.Add(source, EpollEvents.In, 1)).Errno);
        using FileDescriptor file = FileDescriptor.Open("/etc/passwd", OpenFlags.ReadOnly);
        Assert.Equal(Errno.NotPermitted, Assert.Throws<LinuxException>(() => epoll.Add(file, EpollEvents.In, 2)).Errno);
    }

    [Fact]
    public void WaitingAllocatesNothing()
    {
        using Epoll epoll = Epoll.Create();
        using EventFd source = EventFd.Create();
        epoll.Add(source, EpollEvents.In, Token);
        var ready = new EpollEvent[8];
        long allocated = 0;
        for (int round = 0; round < 2; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 100; i++)
            {
                source.Signal();
                epoll.Wait(ready, -1);
                source.Drain();
            }

            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.Equal(0, allocated);
    }
}
