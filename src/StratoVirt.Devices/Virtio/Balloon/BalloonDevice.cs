using System.Buffers.Binary;
using StratoVirt.Backends.Io;
using StratoVirt.Linux.Events;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Devices.Virtio.Balloon;

/// <summary>
/// The traditional memory balloon (virtio 1.3 §5.5): asks the guest for memory and gives what it gets back to the host;
/// also takes the guest's statistics, its hints at free pages and its reports of them.
/// </summary>
/// <remarks>Statistics, hints and page poison are always offered: drivers number their queues by what was negotiated,
/// by §5.5.2 or by both, and all agree only when no queue in the middle is missing.</remarks>
public sealed partial class BalloonDevice : VirtioDevice
{
    private const ushort QueueSize = 128;
    private const int InflateQueue = 0;
    private const int DeflateQueue = 1;
    private const int StatisticsQueue = 2;
    private const int HintQueue = 3;
    private const int ReportingQueue = 4;

    private const int ActualOffset = 4;
    private const int PoisonOffset = 12;

    private readonly ulong _features;
    private readonly BalloonHints _hints = new();
    private readonly StatisticsReport _statistics;
    private readonly TimerFd _timer;
    private readonly EventRegistration _watched;
    private uint _target;
    private uint _actual;
    private uint _poison;
    private TimeSpan _interval;
    private bool _hintsLapsed;

    /// <summary>Makes a balloon that asks for nothing.</summary>
    /// <param name="configuration">How.</param>
    /// <param name="thread">The I/O thread that serves it; not owned.</param>
    /// <param name="time">The clock that stamps statistics.</param>
    /// <exception cref="Linux.LinuxException">The process has no descriptor left.</exception>
    public BalloonDevice(BalloonConfiguration configuration, IoThread thread, TimeProvider? time = null)
        : base(VirtioDeviceType.Balloon, Queues(configuration), thread)
    {
        _features = BalloonFeatures.Statistics | BalloonFeatures.FreePageHint | BalloonFeatures.PagePoison
            | (configuration.DeflateOnOutOfMemory ? BalloonFeatures.DeflateOnOutOfMemory : 0)
            | (configuration.FreePageReporting ? BalloonFeatures.PageReporting : 0);
        _statistics = new StatisticsReport(time ?? TimeProvider.System);
        _timer = TimerFd.Create();
        _watched = Thread.Watch(_timer, EpollEvents.In, _ => OnTimer());
        StatisticsInterval = configuration.StatisticsInterval;
    }

    /// <summary>The guest has changed how much it has given up. Comes from a vCPU thread: handlers return at once.</summary>
    public event Action? ActualChanged;

    /// <inheritdoc/>
    public override ulong Features => _features;

    /// <inheritdoc/>
    public override int ConfigurationLength => 16;

    /// <summary>Bytes the guest is asked to give up, in whole pages of 4 KiB; set at any time, from any thread. A part
    /// of a page is dropped.</summary>
    /// <exception cref="ArgumentOutOfRangeException">More than configuration space can say (16 TiB).</exception>
    public ulong TargetBytes
    {
        get => (ulong)Volatile.Read(ref _target) * BalloonRequest.PageSize;
        set
        {
            ulong pages = value / BalloonRequest.PageSize;
            ArgumentOutOfRangeException.ThrowIfGreaterThan(pages, uint.MaxValue, nameof(value));
            if (Interlocked.Exchange(ref _target, (uint)pages) != pages)
            {
                Active?.Interrupts.ConfigurationChanged();
            }
        }
    }

    /// <summary>Bytes the guest says it has given up: its word alone.</summary>
    public ulong ActualBytes => (ulong)Volatile.Read(ref _actual) * BalloonRequest.PageSize;

    /// <summary>Time between two requests for statistics; zero for none. Not to be set by a handler of the thread.</summary>
    public TimeSpan StatisticsInterval
    {
        get => _interval;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.Zero);
            _interval = value;
            if (value == TimeSpan.Zero)
            {
                _timer.Disarm();
            }
            else
            {
                _timer.Arm(value, value);
            }
        }
    }

    /// <summary>The statistics received last; null when the guest has sent none.</summary>
    public BalloonStatistics? Statistics => _statistics.Snapshot();

    /// <summary>Whether the driver can hint at free pages.</summary>
    public bool CanHint => Active?.Has(BalloonFeatures.FreePageHint) ?? false;

    /// <summary>Asks the guest for statistics now; they arrive when it answers.</summary>
    public void RequestStatistics() => Thread.Invoke(PollStatistics);

    /// <summary>Asks the guest to hint at its free pages. A round that is under way ends without a word.</summary>
    /// <returns>False when the driver cannot, or there is none.</returns>
    public bool BeginHinting(IFreePageHints sink)
    {
        ArgumentNullException.ThrowIfNull(sink);
        if (Active is not { } active || !active.Has(BalloonFeatures.FreePageHint))
        {
            return false;
        }

        _hints.Begin(sink);
        active.Interrupts.ConfigurationChanged();
        return true;
    }

    /// <summary>Ends a round; when this returns the sink is not called any more. Not to be called by the sink.</summary>
    /// <param name="again">Whether another round will follow: the guest then keeps the hinted pages aside meanwhile.</param>
    public void EndHinting(bool again = false)
    {
        _hints.End(again ? BalloonHints.Stop : BalloonHints.Done);
        Thread.Invoke(static () => { });
        Active?.Interrupts.ConfigurationChanged();
    }

    /// <inheritdoc/>
    public override void ReadConfiguration(int offset, Span<byte> data)
    {
        Span<byte> all = stackalloc byte[ConfigurationLength];
        WriteTo(all);
        all.Slice(offset, data.Length).CopyTo(data);
    }

    /// <inheritdoc/>
    public override void WriteConfiguration(int offset, ReadOnlySpan<byte> data)
    {
        // num_pages and free_page_hint_cmd_id are the device's; poison_val is fixed once the driver is ready (§5.5.6.4.1).
        Span<byte> all = stackalloc byte[ConfigurationLength];
        WriteTo(all);
        data.CopyTo(all[offset..]);
        if (Active is null)
        {
            Volatile.Write(ref _poison, BinaryPrimitives.ReadUInt32LittleEndian(all[PoisonOffset..]));
        }

        uint actual = BinaryPrimitives.ReadUInt32LittleEndian(all[ActualOffset..]);
        if (Interlocked.Exchange(ref _actual, actual) != actual)
        {
            ActualChanged?.Invoke();
        }
    }

    /// <summary>The state. The machine is paused.</summary>
    public BalloonState Save() => new()
    {
        TargetPages = Volatile.Read(ref _target),
        ActualPages = Volatile.Read(ref _actual),
        PoisonValue = Volatile.Read(ref _poison),
        HintCommand = _hints.Command,
        LastHintCommand = _hints.Last,
    };

    /// <summary>Takes a saved state over, before the transport activates the device.</summary>
    /// <exception cref="DeviceStateException">The state is of another version.</exception>
    public void Restore(BalloonState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        DeviceStateException.CheckVersion("the balloon", state.Version, BalloonState.CurrentVersion);
        Volatile.Write(ref _target, state.TargetPages);
        Volatile.Write(ref _actual, state.ActualPages);
        Volatile.Write(ref _poison, state.PoisonValue);

        // A round that was under way has nobody any more who wants it.
        _hints.Load(Math.Min(state.HintCommand, BalloonHints.Done), state.LastHintCommand);
        _hintsLapsed = state.HintCommand > BalloonHints.Done;
    }

    /// <inheritdoc/>
    protected override void OnActivated(VirtioActivation activation)
    {
        ArgumentNullException.ThrowIfNull(activation);
        if (_hintsLapsed)
        {
            _hintsLapsed = false;
            activation.Interrupts.ConfigurationChanged();
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
        {
            _watched.Dispose();
            _timer.Dispose();
        }
    }

    private static ushort[] Queues(BalloonConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        int count = configuration.FreePageReporting ? ReportingQueue + 1 : HintQueue + 1;
        return [.. Enumerable.Repeat(QueueSize, count)];
    }

    private void WriteTo(Span<byte> all)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(all, Volatile.Read(ref _target));
        BinaryPrimitives.WriteUInt32LittleEndian(all[ActualOffset..], Volatile.Read(ref _actual));
        BinaryPrimitives.WriteUInt32LittleEndian(all[8..], _hints.Command);
        BinaryPrimitives.WriteUInt32LittleEndian(all[PoisonOffset..], Volatile.Read(ref _poison));
    }
}
