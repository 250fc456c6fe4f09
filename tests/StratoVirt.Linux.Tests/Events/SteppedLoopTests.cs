using StratoVirt.Linux.Events;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Linux.Tests.Events;

/// <summary>A loop whose every step is the caller's.</summary>
public sealed class SteppedLoopTests
{
    [Fact]
    public void Handlers_run_in_a_turn_and_at_no_other_time()
    {
        List<Exception> faults = [];
        using EventLoop loop = EventLoop.CreateStepped("stepped", faults.Add);
        using EventFd bell = EventFd.Create();
        int answered = 0;
        using EventRegistration registration = loop.Add(bell, EpollEvents.In, _ =>
        {
            bell.Drain();
            answered++;
        });
        Assert.True(loop.IsCurrent);
        Assert.Equal(0, loop.Turn());
        bell.Signal();
        Assert.Equal(0, answered);
        Assert.Equal(1, loop.Turn());
        Assert.Equal(1, answered);
        Assert.Equal(0, loop.Turn());
        Assert.Empty(faults);
    }

    [Fact]
    public void What_a_handler_throws_is_handed_over_and_the_handler_removed()
    {
        List<Exception> faults = [];
        using EventLoop loop = EventLoop.CreateStepped("stepped", faults.Add);
        using EventFd bell = EventFd.Create();
        loop.Add(bell, EpollEvents.In, _ => throw new InvalidOperationException("a mistake"));
        bell.Signal();
        Assert.Equal(1, loop.Turn());
        Assert.Equal("a mistake", Assert.Single(faults).Message);
        Assert.Equal(0, loop.Turn());
    }

    [Fact]
    public void A_loop_with_a_thread_takes_no_turns()
    {
        using EventLoop loop = new("threaded", _ => { });
        Assert.False(loop.IsCurrent);
        Assert.Throws<InvalidOperationException>(() => loop.Turn());
    }
}
