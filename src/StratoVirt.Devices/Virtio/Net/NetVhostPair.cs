using StratoVirt.Backends.Io;
using StratoVirt.Backends.Net;
using StratoVirt.Backends.Net.Vhost;
using StratoVirt.Devices.Virtio.Queue;
using StratoVirt.Linux.Events;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Devices.Virtio.Net;

/// <summary>A pair of queues that the host's kernel serves: what it calls for becomes interrupts here, and whether the
/// host's side is still there is asked now and then, for the kernel does not tell. On the device's thread.</summary>
internal sealed class NetVhostPair : IDisposable
{
    // Frames wake nobody here, so that nobody learns of a deleted interface by the way.
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);

    private readonly NetPair _pair;
    private readonly INetQueue _host;
    private readonly IVhostPair _vhost;
    private readonly Doorbell _receiveCall = new();
    private readonly Doorbell _sendCall = new();
    private readonly Doorbell _broken = new();
    private readonly TimerFd _timer = TimerFd.Create();
    private readonly List<EventRegistration> _watched = [];

    /// <summary>Makes an idle pair.</summary>
    /// <param name="pair">Which queues.</param>
    /// <param name="host">The host's end, which is disposed with the backend.</param>
    internal NetVhostPair(NetPair pair, INetQueue host)
    {
        _pair = pair;
        _host = host;
        _vhost = host.Vhost!;
    }

    /// <summary>Whether the kernel has the queues.</summary>
    internal bool IsStarted => _watched.Count != 0;

    /// <summary>Gives the queues to the kernel.</summary>
    /// <param name="thread">The device's.</param>
    /// <param name="active">What was negotiated; both queues are there.</param>
    /// <param name="bells">The device's doorbells, which only the kernel answers from now on.</param>
    /// <param name="onBroken">Called with a queue's number when the driver has broken the pair.</param>
    /// <param name="onGone">Called when the host's side has gone.</param>
    /// <exception cref="NetBackendException">The kernel refuses.</exception>
    internal void Start(
        IoThread thread, VirtioActivation active, IReadOnlyList<Doorbell> bells, Action<int> onBroken, Action onGone)
    {
        _vhost.Start(
            active.Memory,
            active.Features,
            Describe(active.Queues[_pair.ReceiveQueue]!, bells, _receiveCall),
            Describe(active.Queues[_pair.SendQueue]!, bells, _sendCall));
        _watched.Add(thread.Serve(_receiveCall, () => active.Interrupts.UsedBuffers(_pair.ReceiveQueue)));
        _watched.Add(thread.Serve(_sendCall, () => active.Interrupts.UsedBuffers(_pair.SendQueue)));
        _watched.Add(thread.Serve(_broken, () => onBroken(_pair.ReceiveQueue)));
        _watched.Add(thread.Watch(_timer, EpollEvents.In, _ => Look(onGone)));
        _timer.Arm(LookAgain, LookAgain);

        // Requests may have come in while nobody waited for the bells.
        bells[_pair.ReceiveQueue].Ring();
        bells[_pair.SendQueue].Ring();
    }

    /// <summary>Takes the queues back, as far as the kernel has come with them.</summary>
    internal void Stop(VirtioActivation active)
    {
        if (!IsStarted)
        {
            return;
        }

        _timer.Disarm();
        _watched.ForEach(registration => registration.Dispose());
        _watched.Clear();
        (ushort receive, ushort send) = _vhost.Stop();
        TakeBack(active, _pair.ReceiveQueue, receive, _receiveCall);
        TakeBack(active, _pair.SendQueue, send, _sendCall);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _watched.ForEach(registration => registration.Dispose());
        _receiveCall.Dispose();
        _sendCall.Dispose();
        _broken.Dispose();
        _timer.Dispose();
    }

    private VhostQueue Describe(Virtqueue queue, IReadOnlyList<Doorbell> bells, Doorbell call) => new(
        queue.Size,
        queue.Save().Available,
        queue.Setup.DescriptorArea,
        queue.Setup.DriverArea,
        queue.Setup.DeviceArea,
        bells[queue.Index],
        call,
        _broken);

    // All buffers taken have been used: both positions are the same.
    private static void TakeBack(VirtioActivation active, int index, ushort position, Doorbell call)
    {
        active.Queues[index]?.Restore(new VirtqueueState(position, position));
        if (call.Answer())
        {
            active.Interrupts.UsedBuffers(index);
        }
    }

    private void Look(Action onGone)
    {
        _timer.Drain();
        if (_host.Look() == NetStatus.Gone)
        {
            onGone();
        }
    }
}
