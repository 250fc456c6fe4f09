using StratoVirt.Backends.Io;
using StratoVirt.Backends.Net;
using StratoVirt.Linux.Events;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Devices.Virtio.Net;

/// <summary>One receive and one transmit queue, and what wakes them: the host's descriptor and the timers of the rate
/// limits.</summary>
internal sealed class NetPair : IDisposable
{
    private const EpollEvents Interest = EpollEvents.In | EpollEvents.Out | EpollEvents.EdgeTriggered;

    // A tap that is deleted wakes its readers a moment before it says so, and never again; and a driver without buffers
    // has nothing read. So some time after it was woken a pair looks once more. An idle one costs nothing.
    private static readonly TimeSpan SecondLook = TimeSpan.FromMilliseconds(50);

    private readonly INetQueue _host;
    private readonly TimerFd _lookTimer = TimerFd.Create();
    private readonly TimerFd? _receiveTimer;
    private readonly TimerFd? _sendTimer;
    private readonly Action<int> _serve;
    private readonly Action _lose;
    private readonly List<EventRegistration> _watched = [];
    private bool _looksAgain;

    /// <summary>Makes a pair.</summary>
    /// <param name="index">Its number.</param>
    /// <param name="host">The host's end.</param>
    /// <param name="options">Limits and queue size.</param>
    /// <param name="counters">The card's.</param>
    /// <param name="serve">Serves one of the card's queues.</param>
    /// <param name="lose">Called when the host's side has gone.</param>
    internal NetPair(int index, INetQueue host, NetOptions options, NetCounters counters, Action<int> serve, Action lose)
    {
        ReceiveQueue = 2 * index;
        SendQueue = ReceiveQueue + 1;
        _host = host;
        _serve = serve;
        _lose = lose;
        Receiver = new NetReceiver(host, options.ReceiveLimit, counters, options.QueueSize);
        Transmitter = new NetTransmitter(host, options.SendLimit, counters);
        Send = Transmitter.Serve;
        _receiveTimer = options.ReceiveLimit is null ? null : TimerFd.Create();
        _sendTimer = options.SendLimit is null ? null : TimerFd.Create();
    }

    internal int ReceiveQueue { get; }

    internal int SendQueue { get; }

    internal NetReceiver Receiver { get; }

    internal NetTransmitter Transmitter { get; }

    /// <summary>Made once, so that no round allocates.</summary>
    internal Func<Queue.DescriptorChain, bool> Send { get; }

    /// <summary>Watches what wakes it, if that is not watched yet. What was ready before is reported anew.</summary>
    internal void Listen(IoThread thread)
    {
        if (_watched.Count != 0)
        {
            return;
        }

        _watched.Add(thread.Watch(_host.Descriptor, Interest, OnHost));
        _watched.Add(thread.Watch(_lookTimer, EpollEvents.In, _ => LookAgain()));
        Watch(thread, _receiveTimer, ReceiveQueue);
        Watch(thread, _sendTimer, SendQueue);
    }

    /// <summary>Watches nothing any more. No handler runs when this returns, but one that called.</summary>
    internal void Silence()
    {
        _watched.ForEach(registration => registration.Dispose());
        _watched.Clear();
        _looksAgain = false;
    }

    /// <summary>Wakes receiving after a time.</summary>
    internal void DelayReceiving(TimeSpan wait) => _receiveTimer?.Arm(wait);

    /// <summary>Wakes sending after a time.</summary>
    internal void DelaySending(TimeSpan wait) => _sendTimer?.Arm(wait);

    /// <inheritdoc/>
    public void Dispose()
    {
        Silence();
        _lookTimer.Dispose();
        _receiveTimer?.Dispose();
        _sendTimer?.Dispose();
    }

    private void Watch(IoThread thread, TimerFd? timer, int queue)
    {
        if (timer is not null)
        {
            _watched.Add(thread.Watch(timer, EpollEvents.In, _ =>
            {
                timer.Drain();
                _serve(queue);
            }));
        }
    }

    private void LookAgain()
    {
        _lookTimer.Drain();
        _looksAgain = false;
        if (_host.Look() == NetStatus.Gone)
        {
            _lose();
        }
    }

    private void OnHost(EpollEvents ready)
    {
        if (!_looksAgain)
        {
            _looksAgain = true;
            _lookTimer.Arm(SecondLook);
        }

        if ((ready & EpollEvents.Out) != 0)
        {
            _host.Flush();
            if (Transmitter.AwaitsRoom)
            {
                _serve(SendQueue);
            }
        }

        // Anything else: a frame, or an end or error that reading finds.
        if (ready != EpollEvents.Out)
        {
            _serve(ReceiveQueue);
        }
    }
}
