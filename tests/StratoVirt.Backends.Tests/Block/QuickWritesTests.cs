using StratoVirt.Backends.Block;
using StratoVirt.Testing;
using Xunit;

namespace StratoVirt.Backends.Tests.Block;

public sealed class QuickWritesTests
{
    private readonly ManualTimeProvider _time = new(DateTimeOffset.UnixEpoch);
    private readonly QuickWrites _writes;

    public QuickWritesTests() => _writes = new QuickWrites(_time);

    [Fact]
    public void QuickOnesAreMadeAtOnce()
    {
        for (int i = 0; i < 100; i++)
        {
            Write(TimeSpan.FromMicroseconds(50));
            Assert.True(_writes.AreAllowed);
        }
    }

    [Fact]
    public void ASlowOneSendsThoseThatFollowToTheEngineForLongerEachTime()
    {
        TimeSpan before = TimeSpan.Zero;
        for (int i = 0; i < 5; i++)
        {
            Write(TimeSpan.FromMilliseconds(20));
            TimeSpan rest = Rest();
            Assert.True(rest > before);
            before = rest;
        }
    }

    [Fact]
    public void TheRestHasAnEndAndIsForgottenWhenTheHostHasCaughtUp()
    {
        for (int i = 0; i < 20; i++)
        {
            Write(TimeSpan.FromMilliseconds(20));
            Assert.InRange(Rest(), TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(20));
        }

        for (int i = 0; i < 2000; i++)
        {
            Write(TimeSpan.FromMicroseconds(50));
        }

        Write(TimeSpan.FromMilliseconds(20));
        Assert.InRange(Rest(), TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(100));
    }

    private void Write(TimeSpan takes)
    {
        long begun = _writes.Begin();
        _time.Advance(takes);
        _writes.End(begun);
    }

    private TimeSpan Rest()
    {
        TimeSpan rest = TimeSpan.Zero;
        for (TimeSpan step = TimeSpan.FromMilliseconds(1); !_writes.AreAllowed; rest += step)
        {
            _time.Advance(step);
        }

        return rest;
    }
}
