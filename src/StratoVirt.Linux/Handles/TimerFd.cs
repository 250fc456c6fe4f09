using StratoVirt.Linux.Abi;

namespace StratoVirt.Linux.Handles;

/// <summary>A timerfd_create(2) timer on the monotonic clock: readable when it has expired.</summary>
public sealed class TimerFd : FileDescriptor
{
    private const long NanosecondsPerTick = 100;

    private TimerFd(int descriptor)
        : base(descriptor)
    {
    }

    /// <summary>Creates a disarmed, non-blocking timer.</summary>
    /// <exception cref="LinuxException">The process has no descriptor left.</exception>
    public static TimerFd Create()
    {
        int descriptor = LibC.timerfd_create(LibC.CLOCK_MONOTONIC, LibC.TFD_CLOEXEC | LibC.TFD_NONBLOCK);
        return descriptor < 0 ? throw LinuxException.Last("timerfd_create") : new TimerFd(descriptor);
    }

    /// <summary>Arms it anew; what it had counted is forgotten.</summary>
    /// <param name="after">Time until the first expiry; zero or less means at once.</param>
    /// <param name="period">Time between later expiries; zero for a single one.</param>
    public void Arm(TimeSpan after, TimeSpan period = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(period, TimeSpan.Zero);

        // A value of zero would disarm: the shortest time there is stands for "at once".
        timespec first = after > TimeSpan.Zero ? ToTimespec(after) : new timespec { tv_nsec = 1 };
        Set(new itimerspec { it_value = first, it_interval = ToTimespec(period) });
    }

    /// <summary>Stops it.</summary>
    public void Disarm() => Set(default);

    /// <summary>Takes the number of expiries since it was last asked; zero when there was none.</summary>
    public ulong Drain()
    {
        ulong count = 0;
        return LibC.read(this, ref count, sizeof(ulong)) == sizeof(ulong) ? count : 0;
    }

    private static timespec ToTimespec(TimeSpan time) => new()
    {
        tv_sec = time.Ticks / TimeSpan.TicksPerSecond,
        tv_nsec = time.Ticks % TimeSpan.TicksPerSecond * NanosecondsPerTick,
    };

    private void Set(in itimerspec value)
    {
        if (LibC.timerfd_settime(this, 0, in value, 0) < 0)
        {
            throw LinuxException.Last("timerfd_settime");
        }
    }
}
