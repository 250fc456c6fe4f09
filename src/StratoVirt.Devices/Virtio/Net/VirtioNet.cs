using StratoVirt.Backends.Io;
using StratoVirt.Backends.Net;
using StratoVirt.Devices.Virtio.Queue;
using StratoVirt.Linux.Events;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Devices.Virtio.Net;

/// <summary>
/// A network card (virtio 1.3 §5.1): pairs of queues to the host's side, and a control queue. When the host's side goes
/// away the link goes down and <see cref="Problem"/> says why; the card and its guest go on. Where the host's kernel
/// serves the pairs, this is the card's control plane.
/// </summary>
public sealed partial class VirtioNet : VirtioDevice
{
    /// <summary>The most pairs of queues.</summary>
    public const int MaxPairs = 16;

    private const ushort ControlQueueSize = 64;

    // Frames a round receives before the thread's other work has its turn, and those of them that a driver at work on
    // its queue is shown at once.
    private const int FramesPerRound = 128;
    private const int FramesPerShow = 8;
    private const int LeastMtu = 68;

    private readonly Lock _linking = new();
    private readonly INetBackend _host;
    private readonly NetOptions _options;
    private readonly NetPair[] _pairs;
    private readonly NetCounters _counters = new();
    private readonly NetConfiguration _configuration;
    private readonly NetControl _control;
    private readonly Func<DescriptorChain, bool> _obey;
    private readonly int _mtu;
    private readonly EventRegistration? _lifeline;
    private volatile bool _isLinkWanted;
    private volatile bool _isHostGone;
    private int _pairsInUse = 1;
    private NetOffloads _guestOffloads;
    private NetState? _restored;

    /// <summary>Makes a card.</summary>
    /// <param name="host">The host's side; disposed with the card. It has as many pairs of queues as the card.</param>
    /// <param name="options">The rest.</param>
    /// <param name="thread">Its I/O thread; not owned.</param>
    public VirtioNet(INetBackend host, NetOptions options, IoThread thread)
        : base(VirtioDeviceType.Network, QueueSizesFor(host, options), thread)
    {
        _host = host;
        _options = options;
        _isLinkWanted = options.IsLinkUp;
        _mtu = Math.Clamp(options.Mtu ?? host.Mtu ?? 0, 0, ushort.MaxValue);
        _configuration = new NetConfiguration(options.Mac, host.Queues.Count, _mtu, options.IsLinkUp);
        _control = new NetControl(this);
        _obey = _control.Serve;
        _pairs = [.. host.Queues.Select((queue, i) => new NetPair(i, queue, options, _counters, Serve, LoseHost))];
        _vhosts = host.Queues[0].Vhost is null ? [] : [.. _pairs.Select((pair, i) => new NetVhostPair(pair, host.Queues[i]))];
        Features = NetFeatures.Mac | NetFeatures.Status | NetFeatures.MergeableBuffers
            | NetFeatures.ControlQueue | NetFeatures.ControlReceive | NetFeatures.ControlMacAddress
            | NetFeatures.Offering(host.Offloads)
            | (host.Offloads != NetOffloads.None ? NetFeatures.ControlGuestOffloads : 0)
            | (_mtu >= LeastMtu ? NetFeatures.Mtu : 0)
            | (host.Queues.Count > 1 ? NetFeatures.MultiQueue : 0);
        _lifeline = host.Lifeline is { } line ? thread.Watch(line, EpollEvents.In, _ => OnProgramEnded()) : null;
    }

    /// <summary>The host's side has gone: <see cref="Problem"/> says why. Raised once, on the I/O thread.</summary>
    public event Action? HostFailed;

    /// <inheritdoc/>
    public override ulong Features { get; }

    /// <inheritdoc/>
    public override int ConfigurationLength => NetConfiguration.Length;

    /// <summary>The host's side.</summary>
    public INetBackend Host => _host;

    /// <summary>The hardware address now.</summary>
    public MacAddress Mac => _configuration.Mac;

    /// <summary>Whether the driver is shown a link.</summary>
    public bool IsLinkUp => _configuration.IsLinkUp;

    /// <summary>Why the host's side has gone, for the operator; null while it is there.</summary>
    public string? Problem => _isHostGone ? _host.Problem : null;

    /// <summary>Pairs of queues in use.</summary>
    public int PairsInUse => Volatile.Read(ref _pairsInUse);

    /// <summary>Counters at this moment.</summary>
    public NetMetrics Metrics => _counters.Snapshot();

    /// <summary>Plugs the cable in or out, as the driver sees it. Frames of a link that is down are dropped. Callable
    /// from any thread; a link whose host side has gone stays down.</summary>
    public void SetLink(bool up)
    {
        _isLinkWanted = up;
        UpdateLink();
        if (IsVhost)
        {
            Thread.Invoke(UpdateVhost);
        }

        foreach (NetPair pair in _pairs)
        {
            Doorbells[pair.ReceiveQueue].Ring();
        }
    }

    /// <inheritdoc/>
    public override void ReadConfiguration(int offset, Span<byte> data) => _configuration.Read(offset, data);

    /// <inheritdoc/>
    protected override void OnActivated(VirtioActivation activation)
    {
        _control.Features = activation.Features;
        foreach (NetPair pair in _pairs)
        {
            pair.Receiver.Start(activation.Features, _mtu);
            pair.Transmitter.Features = activation.Features;
        }

        // One pair is in use after a reset (§5.1.6.5.5).
        _ = UsePairs(1);
        _ = UseOffloads(NetFeatures.GuestOffloads(activation.Features));
        TakeRestored();
        UpdateVhost();
    }

    /// <inheritdoc/>
    protected override void OnNotified(Virtqueue queue)
    {
        if (queue.Index == ControlQueueIndex)
        {
            ServeRound(queue, _obey);
            return;
        }

        // The control queue's place among the others depends on what was negotiated; a queue behind it is none.
        int index = queue.Index / 2;
        if (index >= _pairsInUse)
        {
            return;
        }

        NetPair pair = _pairs[index];
        if (!IsPaused && !_isHostGone)
        {
            pair.Listen(Thread);
        }

        if (queue.Index == pair.ReceiveQueue)
        {
            Receive(pair, queue);
        }
        else
        {
            Transmit(pair, queue);
        }
    }

    /// <inheritdoc/>
    protected override void OnReset()
    {
        StopVhost();
        foreach (NetPair pair in _pairs)
        {
            pair.Silence();
            pair.Receiver.Forget();
            pair.Transmitter.Forget();
        }

        _configuration.Mac = _options.Mac;
    }

    /// <inheritdoc/>
    protected override void OnPaused()
    {
        StopVhost();
        foreach (NetPair pair in _pairs)
        {
            pair.Silence();
            if (Active?.Queues[pair.ReceiveQueue] is { } queue)
            {
                pair.Receiver.Release(queue);
            }
        }
    }

    /// <inheritdoc/>
    protected override void OnQueueReset(Virtqueue queue)
    {
        foreach (NetPair pair in _pairs)
        {
            // Watched again when the queues that are left are looked at, as they all are after this.
            pair.Silence();
            if (pair.ReceiveQueue == queue.Index)
            {
                pair.Receiver.Forget();
            }
            else if (pair.SendQueue == queue.Index)
            {
                pair.Transmitter.Forget();
            }
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
        {
            _lifeline?.Dispose();
            foreach (NetPair pair in _pairs)
            {
                pair.Dispose();
            }

            foreach (NetVhostPair vhost in _vhosts)
            {
                vhost.Dispose();
            }

            _host.Dispose();
        }
    }

    // 2N, and N is 1 unless MQ was negotiated (§5.1.2).
    private int ControlQueueIndex => Active!.Has(NetFeatures.MultiQueue) ? 2 * _pairs.Length : 2;

    private static ushort[] QueueSizesFor(INetBackend host, NetOptions options)
    {
        ArgumentNullException.ThrowIfNull(host);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(host.Queues.Count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(host.Queues.Count, MaxPairs);
        if (!options.Mac.IsUnicast)
        {
            throw new ArgumentException($"{options.Mac} is no address for a network card.", nameof(options));
        }

        return [.. Enumerable.Repeat(options.QueueSize, 2 * host.Queues.Count), ControlQueueSize];
    }

    private void Receive(NetPair pair, Virtqueue queue)
    {
        NetReceiver receiver = pair.Receiver;
        receiver.IsLinkUp = IsLinkUp;
        queue.SuppressNotifications();
        switch (ReceiveRound(receiver, queue))
        {
            case NetRound.NoBuffers when AwaitRequests(queue):
            case NetRound.Interrupted:
                Doorbells[queue.Index].Ring();
                break;
            case NetRound.Delayed:
                pair.DelayReceiving(receiver.Wait);
                break;
            case NetRound.BadBuffer:
                Fail($"the driver gave receive queue {queue.Index} a buffer shorter than a header of {INetBackend.HeaderLength} bytes");
                break;
            case NetRound.HostGone:
                LoseHost();
                break;
        }
    }

    private NetRound ReceiveRound(NetReceiver receiver, Virtqueue queue)
    {
        NetRound end = NetRound.Interrupted;
        int portion = FramesPerShow;
        for (int left = FramesPerRound; left > 0 && end == NetRound.Interrupted;)
        {
            int most = Math.Min(portion, left);
            left -= most;
            end = receiver.Run(queue, most);
            if (receiver.HasNews)
            {
                receiver.HasNews = false;
                portion = Publish(queue) ? FramesPerRound : portion;
            }
        }

        return end;
    }

    private void Transmit(NetPair pair, Virtqueue queue)
    {
        NetTransmitter transmitter = pair.Transmitter;
        transmitter.IsLinkUp = IsLinkUp;
        transmitter.Begin();
        ServeRound(queue, pair.Send);
        if (transmitter.Wait > TimeSpan.Zero)
        {
            pair.DelaySending(transmitter.Wait);
        }

        if (transmitter.HasLostHost)
        {
            LoseHost();
        }
    }

    // A card that no driver uses looks at nothing else of the host's.
    private void OnProgramEnded()
    {
        // Called again, and then with the registration there, if this is before the constructor has it.
        _lifeline?.Dispose();
        if (_host.Queues[0].Look() == NetStatus.Gone)
        {
            LoseHost();
        }
    }

    private void LoseHost()
    {
        if (!_isHostGone)
        {
            _isHostGone = true;
            foreach (NetPair pair in _pairs)
            {
                pair.Silence();
            }

            UpdateLink();
            UpdateVhost();
            HostFailed?.Invoke();
        }
    }

    private void UpdateLink()
    {
        bool changed;
        lock (_linking)
        {
            changed = _configuration.SetLink(_isLinkWanted && !_isHostGone);
        }

        if (changed)
        {
            Active?.Interrupts.ConfigurationChanged();
        }
    }
}
