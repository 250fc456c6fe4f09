using System.Collections.Concurrent;
using StratoVirt.Linux.Events;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Linux.Tests.Events;

public sealed class EventLoopTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly ConcurrentQueue<Exception> _faults = new();
    private readonly EventLoop _loop;

    public EventLoopTests() => _loop = new EventLoop("loop under test", _faults.Enqueue);

    public void Dispose()
    {
        _loop.Dispose();
        Assert.DoesNotContain(_faults, fault => fault is not ExpectedException);
    }

    [Fact]
    public void AHandlerRunsOnTheLoopsThread()
    {
        using EventFd source = EventFd.Create();
        using var called = new BlockingCollection<(string? Thread, bool IsCurrent, EpollEvents Ready)>();
        using EventRegistration registration = _loop.Add(source, EpollEvents.In, ready =>
        {
            source.Drain();
            called.Add((Thread.CurrentThread.Name, _loop.IsCurrent, ready));
        });
        Assert.False(_loop.IsCurrent);
        source.Signal();
        Assert.True(called.TryTake(out var call, Patience));
        Assert.Equal(("loop under test", true, EpollEvents.In), call);
    }

    [Fact]
    public void AHandlerIsCalledAsLongAsItsDescriptorIsReady()
    {
        using EventFd source = EventFd.Create();
        int calls = 0;
        using EventRegistration registration = _loop.Add(source, EpollEvents.In, _ =>
        {
            if (Interlocked.Increment(ref calls) == 3)
            {
                source.Drain();
            }
        });
        source.Signal();
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref calls) == 3, Patience));
    }

    [Fact]
    public void AfterDisposeTheHandlerNeitherRunsNorWillRun()
    {
        for (int round = 0; round < 200; round++)
        {
            using EventFd source = EventFd.Create();
            int running = 0;
            bool disposed = false;
            bool calledLate = false;
            EventRegistration registration = _loop.Add(source, EpollEvents.In, _ =>
            {
                Volatile.Write(ref running, 1);
                calledLate |= Volatile.Read(ref disposed);
                Thread.SpinWait(50);
                Volatile.Write(ref running, 0);
            });
            source.Signal();
            Thread.SpinWait(round * 20);
            registration.Dispose();
            Volatile.Write(ref disposed, true);
            Assert.Equal(0, Volatile.Read(ref running));
            Assert.False(calledLate);
            registration.Dispose();
        }
    }

    [Fact]
    public void AHandlerMayEndItsOwnRegistrationAndAddOthers()
    {
        using EventFd first = EventFd.Create();
        using EventFd second = EventFd.Create();
        using var done = new ManualResetEventSlim();
        EventRegistration? registration = null;
        EventRegistration? added = null;
        int calls = 0;
        registration = _loop.Add(first, EpollEvents.None, _ =>
        {
            calls++;
            registration!.Dispose();
            added = _loop.Add(second, EpollEvents.In, _ =>
            {
                second.Drain();
                done.Set();
            });
        });
        registration.Modify(EpollEvents.In);
        first.Signal();
        second.Signal();
        Assert.True(done.Wait(Patience, TestContext.Current.CancellationToken));
        Assert.Equal(1, calls);
        Assert.Throws<ObjectDisposedException>(() => registration.Modify(EpollEvents.In));
        added!.Dispose();
    }

    [Fact]
    public void AnExceptionReachesTheOwnerAndEndsItsHandlerAlone()
    {
        using EventFd bad = EventFd.Create();
        using EventFd good = EventFd.Create();
        int badCalls = 0;
        int goodCalls = 0;
        using EventRegistration failing = _loop.Add(bad, EpollEvents.In, _ =>
        {
            Interlocked.Increment(ref badCalls);
            throw new ExpectedException();
        });
        using EventRegistration working = _loop.Add(good, EpollEvents.In, _ =>
        {
            good.Drain();
            Interlocked.Increment(ref goodCalls);
        });
        bad.Signal();
        Assert.True(SpinWait.SpinUntil(() => !_faults.IsEmpty, Patience));
        good.Signal();
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref goodCalls) == 1, Patience));
        Assert.Equal(1, badCalls);
        Assert.Single(_faults);
    }

    [Fact]
    public void ADescriptorIsWatchedOnce()
    {
        using EventFd source = EventFd.Create();
        using EventRegistration registration = _loop.Add(source, EpollEvents.In, _ => source.Drain());
        Assert.Equal(
            Errno.Exists,
            Assert.Throws<LinuxException>(() => _loop.Add(source, EpollEvents.In, _ => { })).Errno);
    }

    [Fact]
    public void AStoppedLoopTakesNothingMore()
    {
        using EventFd source = EventFd.Create();
        EventRegistration registration = _loop.Add(source, EpollEvents.In, _ => source.Drain());
        _loop.Dispose();
        _loop.Dispose();
        registration.Dispose();
        Assert.Throws<ObjectDisposedException>(() => _loop.Add(source, EpollEvents.In, _ => { }));
    }

    [Fact]
    public void AHandlerCannotStopItsOwnLoop()
    {
        using EventFd source = EventFd.Create();
        using var refused = new BlockingCollection<Exception>();
        using EventRegistration registration = _loop.Add(source, EpollEvents.In, _ =>
        {
            source.Drain();
            refused.Add(Assert.Throws<InvalidOperationException>(_loop.Dispose));
        });
        source.Signal();
        Assert.True(refused.TryTake(out Exception? exception, Patience));
        Assert.Contains("loop under test", exception.Message, StringComparison.Ordinal);
    }

    private sealed class ExpectedException : Exception;
}
