using StratoVirt.Backends.Entropy;
using StratoVirt.Backends.Io;
using StratoVirt.Backends.Limits;
using StratoVirt.Devices.Virtio.Queue;
using StratoVirt.Linux.Events;
using StratoVirt.Linux.Handles;
using StratoVirt.Memory;

namespace StratoVirt.Devices.Virtio.Entropy;

/// <summary>
/// Gives the guest random bytes (virtio 1.3 §5.4): one queue of empty buffers. A request that must wait, for the rate
/// limit or for the source, stays in the queue, so the device holds nothing and has no state of its own.
/// </summary>
public sealed class EntropyDevice : VirtioDevice
{
    private const ushort QueueSize = 64;

    // Other devices of the thread get their turn after so many bytes; a request counts as some even when it is empty.
    private const int BytesPerRound = 256 << 10;
    private const int LeastPerRequest = 1 << 10;

    private static readonly TimeSpan DryRetry = TimeSpan.FromMilliseconds(20);

    private readonly int _mostBytes;
    private readonly IEntropySource _source;
    private readonly RateLimiter _limiter;
    private readonly TimerFd _timer;
    private readonly EventRegistration _watched;
    private Virtqueue? _queue;
    private bool _waiting;
    private bool _paid;
    private long _requests;
    private long _bytes;
    private long _throttled;
    private long _dry;
    private long _empty;

    /// <summary>Makes a device.</summary>
    /// <param name="configuration">How.</param>
    /// <param name="source">Where the bytes come from; owned from now on, when this returns.</param>
    /// <param name="thread">The I/O thread that serves it; not owned.</param>
    /// <param name="limiter">Holds the guest back; null for no limit.</param>
    /// <exception cref="Linux.LinuxException">The process has no descriptor left.</exception>
    public EntropyDevice(
        EntropyConfiguration configuration, IEntropySource source, IoThread thread, RateLimiter? limiter = null)
        : base(VirtioDeviceType.Entropy, [QueueSize], thread)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        ArgumentNullException.ThrowIfNull(source);
        configuration.Check();
        _mostBytes = configuration.MostBytesPerRequest;
        _source = source;
        _limiter = limiter ?? new RateLimiter();
        _timer = TimerFd.Create();
        _watched = Thread.Watch(_timer, EpollEvents.In, _ => OnTimer());
    }

    /// <inheritdoc/>
    public override ulong Features => 0;

    /// <inheritdoc/>
    public override int ConfigurationLength => 0;

    /// <summary>Counters at this moment.</summary>
    public EntropyMetrics Metrics => new(
        Volatile.Read(ref _requests),
        Volatile.Read(ref _bytes),
        Volatile.Read(ref _throttled),
        Volatile.Read(ref _dry),
        Volatile.Read(ref _empty));

    /// <summary>Why the source gives nothing, for the operator; null while it works.</summary>
    public string? Problem => _source.Problem;

    /// <inheritdoc/>
    public override void ReadConfiguration(int offset, Span<byte> data) => data.Clear();

    /// <inheritdoc/>
    protected override void OnNotified(Virtqueue queue)
    {
        _queue = queue;
        if (!_waiting)
        {
            Work(queue);
        }
    }

    /// <inheritdoc/>
    protected override void OnReset() => Rest();

    /// <inheritdoc/>
    protected override void OnPaused() => Rest();

    /// <inheritdoc/>
    protected override void OnQueueReset(Virtqueue queue) => Rest();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
        {
            _watched.Dispose();
            _timer.Dispose();
            _source.Dispose();
        }
    }

    // The queue is known from its first ring until the device comes to rest: the timer touches no other.
    private void Rest() => Thread.Invoke(() =>
    {
        _queue = null;
        _waiting = false;
        _paid = false;
        _timer.Disarm();
    });

    private void OnTimer()
    {
        _timer.Drain();
        _waiting = false;
        if (_queue is { } queue && Fault is null)
        {
            Work(queue);
            Check(queue);
        }
    }

    private void Work(Virtqueue queue)
    {
        int budget = BytesPerRound;
        bool drained = false;
        bool isWatching = true;
        while (budget > 0 && !drained && !_waiting)
        {
            if (queue.TryPop(out DescriptorChain? chain))
            {
                budget -= Math.Max(Serve(queue, chain), LeastPerRequest);

                // Bytes take longer to make than to show.
                isWatching = isWatching && !Publish(queue);
            }
            else
            {
                drained = true;
            }
        }

        Publish(queue);
        if (budget <= 0 || (drained && AwaitRequests(queue)))
        {
            Doorbells[queue.Index].Ring();
        }
    }

    private int Serve(Virtqueue queue, DescriptorChain chain)
    {
        int wanted = (int)Math.Min(chain.WritableLength, (uint)_mostBytes);
        if (wanted == 0)
        {
            _empty++;
            queue.Complete(chain, 0);
            return 0;
        }

        // A request that finds the source dry has passed the limit already and does not pay twice.
        if (!_paid && !_limiter.TryPass((ulong)wanted, out TimeSpan wait))
        {
            _throttled++;
            Wait(queue, chain, wait);
            return 0;
        }

        int given = Fill(chain, wanted);
        _paid = given == 0;
        if (given == 0)
        {
            _dry++;
            Wait(queue, chain, DryRetry);
            return 0;
        }

        _requests++;
        _bytes += given;
        queue.Complete(chain, (uint)given);
        return given;
    }

    private int Fill(DescriptorChain chain, int wanted)
    {
        int given = 0;
        foreach (GuestBuffer buffer in chain.Writable)
        {
            Span<byte> room = buffer.Span[..Math.Min(buffer.Length, wanted - given)];
            int count = room.IsEmpty ? 0 : _source.Read(room);
            given += count;
            if (given == wanted || count < room.Length)
            {
                break;
            }
        }

        return given;
    }

    private void Wait(Virtqueue queue, DescriptorChain chain, TimeSpan time)
    {
        queue.Return(chain);
        _waiting = true;
        _timer.Arm(time);
    }
}
