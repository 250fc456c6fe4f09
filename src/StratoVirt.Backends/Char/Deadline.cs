using System.Diagnostics;

namespace StratoVirt.Backends.Char;

/// <summary>A point in time until which a caller is willing to wait, on the clock that never steps.</summary>
internal readonly struct Deadline
{
    private readonly long _start;
    private readonly TimeSpan _timeout;

    private Deadline(long start, TimeSpan timeout)
    {
        _start = start;
        _timeout = timeout;
    }

    /// <summary>What is left: never negative, unless the wait is <see cref="Timeout.InfiniteTimeSpan"/>.</summary>
    internal TimeSpan Remaining
    {
        get
        {
            if (_timeout == Timeout.InfiniteTimeSpan)
            {
                return _timeout;
            }

            TimeSpan remaining = _timeout - Stopwatch.GetElapsedTime(_start);
            return remaining < TimeSpan.Zero ? TimeSpan.Zero : remaining < Longest ? remaining : Longest;
        }
    }

    /// <summary>What the wait primitives accept at most, about 24 days. Whoever waits longer asks again.</summary>
    private static TimeSpan Longest => TimeSpan.FromMilliseconds(int.MaxValue - 1);

    internal static Deadline After(TimeSpan timeout)
    {
        if (timeout < TimeSpan.Zero && timeout != Timeout.InfiniteTimeSpan)
        {
            throw new ArgumentOutOfRangeException(nameof(timeout), timeout, "A timeout is not negative; use Timeout.InfiniteTimeSpan to wait for ever.");
        }

        return new Deadline(Stopwatch.GetTimestamp(), timeout);
    }
}
