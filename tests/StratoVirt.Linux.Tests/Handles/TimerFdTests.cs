using StratoVirt.Linux.Handles;

namespace StratoVirt.Linux.Tests.Handles;

public sealed class TimerFdTests
{
    private static readonly TimeSpan Never = TimeSpan.FromDays(1);
    private readonly EpollEvent[] _ready = new EpollEvent[1];

    [Fact]
    public void AnExpiryMakesItReadable()
    {
        using Epoll epoll = Epoll.Create();
        using TimerFd timer = TimerFd.Create();
        epoll.Add(timer, EpollEvents.In, 1);
        Assert.Equal(0ul, timer.Drain());
        timer.Arm(TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, epoll.Wait(_ready, -1));
        Assert.Equal(1ul, timer.Drain());
        Assert.Equal(0ul, timer.Drain());
    }

    [Fact]
    public void AtOnceIsNotNever()
    {
        using Epoll epoll = Epoll.Create();
        using TimerFd timer = TimerFd.Create();
        epoll.Add(timer, EpollEvents.In, 1);
        timer.Arm(TimeSpan.Zero);
        Assert.Equal(1, epoll.Wait(_ready, -1));
    }

    [Fact]
    public void APeriodExpiresAgainAndAgain()
    {
        using Epoll epoll = Epoll.Create();
        using TimerFd timer = TimerFd.Create();
        epoll.Add(timer, EpollEvents.In, 1);
        timer.Arm(TimeSpan.Zero, TimeSpan.FromMilliseconds(1));
        for (ulong expiries = 0; expiries < 3; expiries += timer.Drain())
        {
            Assert.Equal(1, epoll.Wait(_ready, -1));
        }
    }

    [Fact]
    public void ADisarmedTimerForgets()
    {
        using TimerFd timer = TimerFd.Create();
        timer.Arm(TimeSpan.Zero);
        timer.Arm(Never);
        timer.Disarm();
        Assert.Equal(0ul, timer.Drain());
        Assert.Throws<ArgumentOutOfRangeException>(() => timer.Arm(Never, TimeSpan.FromTicks(-1)));
    }
}
