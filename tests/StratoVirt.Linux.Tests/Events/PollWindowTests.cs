using StratoVirt.Linux.Events;

namespace StratoVirt.Linux.Tests.Events;

public sealed class PollWindowTests
{
    private const long Longest = 32_000;
    private const long Never = 1_000_000;
    private readonly PollWindow _window = new(Longest);

    [Fact]
    public void ItOpensAfterShortWaitsAndNotBefore()
    {
        Assert.False(_window.IsOpen);
        _window.Slept(10_000);
        Assert.False(_window.IsOpen);
        _window.Slept(2 * Longest);
        Assert.True(_window.IsOpen);
        Assert.Equal(Longest, _window.Length);
    }

    [Fact]
    public void ItIsALittleLongerThanWorkTakesToCome()
    {
        Open();
        for (int i = 0; i < 100; i++)
        {
            _window.Found(2_000);
        }

        Assert.InRange(_window.Length, 2_000, Longest / 2);
        for (int i = 0; i < 100; i++)
        {
            _window.Found(25_000);
        }

        Assert.Equal(Longest, _window.Length);
    }

    [Fact]
    public void ItClosesWhenLookingIsInVain()
    {
        Open();
        for (int i = 0; i < 100; i++)
        {
            _window.Found(1_000);
        }

        int looks = 0;
        for (; _window.IsOpen; looks++)
        {
            _window.Slept(Never);
        }

        Assert.InRange(looks, 1, 16);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(4, false)]
    public void AFindIsWorthTwoLooksInVain(int missesAFind, bool stays)
    {
        Open();
        for (int i = 0; i < 1000; i++)
        {
            if (_window.IsOpen)
            {
                _window.Found(2_000);
            }

            for (int miss = 0; miss < missesAFind; miss++)
            {
                _window.Slept(Never);
            }
        }

        Assert.Equal(stays, _window.IsOpen);
    }

    [Fact]
    public void WhereTheCpuIsTakenAwayItStaysClosedForSomeTime()
    {
        Open();
        _window.Preempted();
        int waits = 0;
        for (; !_window.IsOpen; waits++)
        {
            _window.Slept(10_000);
        }

        Assert.InRange(waits, 30, 40);
    }

    [Fact]
    public void ItNeverOpensWhenItMayNot()
    {
        var closed = new PollWindow(0);
        for (int i = 0; i < 100; i++)
        {
            closed.Slept(0);
        }

        Assert.False(closed.CanOpen || closed.IsOpen);
    }

    private void Open()
    {
        _window.Slept(10_000);
        _window.Slept(10_000);
        Assert.True(_window.IsOpen);
    }
}
