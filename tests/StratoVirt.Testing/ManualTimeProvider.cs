namespace StratoVirt.Testing;

/// <summary>A clock that stands still until the test moves it. It has no timers.</summary>
public sealed class ManualTimeProvider : TimeProvider
{
    private readonly long _start;
    private long _utcTicks;

    /// <summary>Sets the clock.</summary>
    public ManualTimeProvider(DateTimeOffset start)
    {
        _start = start.UtcTicks;
        _utcTicks = start.UtcTicks;
    }

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <summary>Moves the clock on.</summary>
    public void Advance(TimeSpan time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero);
        Interlocked.Add(ref _utcTicks, time.Ticks);
    }

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => new(Volatile.Read(ref _utcTicks), TimeSpan.Zero);

    /// <inheritdoc/>
    public override long GetTimestamp() => Volatile.Read(ref _utcTicks) - _start;

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        throw new NotSupportedException("This clock has no timers: call what the timer would have called.");
}
