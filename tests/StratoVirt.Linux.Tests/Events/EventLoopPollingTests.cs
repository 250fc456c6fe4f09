using System.Collections.Concurrent;
using StratoVirt.Linux.Events;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Linux.Tests.Events;

/// <summary>Looking at memory before sleeping. The window is long, so that a slow machine makes little difference; but where
/// the CPU is taken away the loop sleeps all the same, and is rung.</summary>
public sealed class EventLoopPollingTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly ConcurrentQueue<Exception> _faults = new();
    private readonly EventFd _bell = EventFd.Create();
    private EventLoop? _loop;

    public void Dispose()
    {
        _loop?.Dispose();
        _bell.Dispose();
        Assert.Empty(_faults);
    }

    [Fact]
    public void WorkThatShowsInMemoryIsFoundWithoutASignal()
    {
        var source = new Source();
        using EventRegistration registration = Start(TimeSpan.FromSeconds(10), source);
        int quiet = 0;
        for (int i = 0; i < 200 || (quiet == 0 && i < 20_000); i++)
        {
            quiet += Ask(source) ? 0 : 1;
        }

        Assert.NotEqual(0, quiet);
    }

    [Fact]
    public void WhenNoWorkComesTheSignalIsAskedForAgain()
    {
        var source = new Source();
        using EventRegistration registration = Start(TimeSpan.FromMilliseconds(20), source);
        Assert.True(SpinWait.SpinUntil(() => source.IsArmed, Patience));
        Assert.True(Ask(source));
    }

    [Fact]
    public void WorkThatComesBesideTheLastLookIsNotLost()
    {
        var source = new Source { BringsAtRearm = 3 };
        using EventRegistration registration = Start(TimeSpan.FromMilliseconds(20), source);
        Assert.True(SpinWait.SpinUntil(() => source.Served == 3, Patience));
    }

    [Fact]
    public void DescriptorsHaveTheirTurnHoweverMuchWorkThereIs()
    {
        var source = new Source { IsEndless = true };
        using EventRegistration registration = Start(TimeSpan.FromSeconds(10), source);
        source.Bring();
        using EventFd other = EventFd.Create();
        using var called = new ManualResetEventSlim();
        using EventRegistration watched = _loop!.Add(other, EpollEvents.In, _ =>
        {
            other.Drain();
            called.Set();
        });
        other.Signal();
        Assert.True(called.Wait(Patience, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void AfterDisposeNothingIsLookedAt()
    {
        for (int round = 0; round < 50; round++)
        {
            var source = new Source();
            EventRegistration registration = Start(TimeSpan.FromSeconds(10), source);
            Thread.SpinWait(round * 50);
            registration.Dispose();
            source.IsForbidden = true;
            source.Bring();
            Thread.SpinWait(2000);
            _loop!.Dispose();
            Assert.False(source.WasTouched);
        }
    }

    [Fact]
    public void OnlyTheLoopsOwnThreadHasItLook()
    {
        var source = new Source();
        using EventRegistration registration = Start(TimeSpan.FromSeconds(10), source);
        Assert.False(registration.TryPoll(source));
    }

    [Fact]
    public void LookingAllocatesNothing()
    {
        var source = new Source();
        using EventRegistration registration = Start(TimeSpan.FromSeconds(10), source);

        // The runtime's first code, not yet optimised, may allocate some: what counts is the least of several runs.
        long least = long.MaxValue;
        for (int run = 0; run < 60 && least != 0; run++)
        {
            long before = Serve(source, 1);
            least = Math.Min(least, Serve(source, 1_000) - before);
            Thread.Sleep(least == 0 ? 0 : 50);
        }

        Assert.Equal(0, least);
    }

    // Brings work as a guest does, and waits until it is done.
    private bool Ask(Source source)
    {
        int served = source.Served;
        bool rings = source.Bring();
        if (rings)
        {
            _bell.Signal();
        }

        Assert.True(SpinWait.SpinUntil(() => source.Served > served, Patience));
        return rings;
    }

    private long Serve(Source source, int times)
    {
        for (int i = 0; i < times; i++)
        {
            Ask(source);
        }

        return source.Allocated;
    }

    // Rings a few times, until the loop has seen that work comes soon.
    private EventRegistration Start(TimeSpan longestPoll, Source source)
    {
        _loop = new EventLoop("polling loop", _faults.Enqueue, longestPoll: longestPoll);
        EventRegistration? registration = null;
        int rounds = 0;
        bool polls = false;
        EventRegistration made = _loop.Add(_bell, EpollEvents.In, ready =>
        {
            if (ready != EpollEvents.None)
            {
                _bell.Drain();
            }

            source.Serve();
            Volatile.Write(ref polls, registration is not null && registration.TryPoll(source));
            if (!polls && source.Rearm())
            {
                _bell.Signal();
            }

            Interlocked.Increment(ref rounds);
        });
        Volatile.Write(ref registration, made);
        for (int i = 0; !Volatile.Read(ref polls); i++)
        {
            Assert.True(i < 1000);
            int before = Volatile.Read(ref rounds);
            _bell.Signal();
            Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref rounds) > before, Patience));
        }

        return made;
    }

    private sealed class Source : IPolled
    {
        private int _brought;
        private int _served;
        private long _allocated;
        private volatile bool _isArmed = true;
        private volatile bool _wasTouched;

        public bool IsEndless { get; init; }

        public int BringsAtRearm { get; set; }

        public volatile bool IsForbidden;

        public int Served => Volatile.Read(ref _served);

        public bool IsArmed => _isArmed;

        public long Allocated => Volatile.Read(ref _allocated);

        public bool WasTouched => _wasTouched;

        public bool HasWork
        {
            get
            {
                _wasTouched |= IsForbidden;
                return Volatile.Read(ref _brought) > _served;
            }
        }

        /// <summary>Whether a signal is asked for.</summary>
        public bool Bring()
        {
            Interlocked.Increment(ref _brought);
            return _isArmed;
        }

        public bool Rearm()
        {
            _isArmed = true;
            if (BringsAtRearm == 0)
            {
                return HasWork;
            }

            BringsAtRearm--;
            Bring();
            return true;
        }

        public void Serve()
        {
            _isArmed = false;
            Volatile.Write(ref _allocated, GC.GetAllocatedBytesForCurrentThread());
            Volatile.Write(ref _served, Volatile.Read(ref _brought));
            if (IsEndless && _served > 0)
            {
                Bring();
            }
        }
    }
}
