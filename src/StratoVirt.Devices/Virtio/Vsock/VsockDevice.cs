using System.Buffers.Binary;
using StratoVirt.Backends.Io;
using StratoVirt.Backends.Vsock;
using StratoVirt.Devices.Virtio.Queue;
using StratoVirt.Linux.Events;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Devices.Virtio.Vsock;

/// <summary>
/// The socket device (virtio 1.3 §5.10) without a kernel's help: stream sockets of the guest meet Unix sockets of the
/// host, see <see cref="VsockSockets"/>.
/// </summary>
/// <remarks>All sockets hang on one epoll instance, which the device's thread watches while the device runs: putting
/// the device to rest is to stop watching that one.</remarks>
public sealed class VsockDevice : VirtioDevice
{
    private const ulong StreamFeature = 1UL << 0;
    private const ulong NoImpliedStreamFeature = 1UL << 2;
    private const int RxQueue = 0;
    private const int TxQueue = 1;
    private const int EventQueue = 2;
    private const ushort QueueSize = 128;

    // A guest or a process of the host that never pauses must not keep other devices of the thread waiting.
    private const int MostPacketsARound = 256;

    private readonly VsockSwitchboard _switchboard;
    private readonly uint _guestCid;
    private EventRegistration? _watched;
    private bool _isTxHeld;
    private bool _owesTransportReset;

    /// <summary>Makes an idle device.</summary>
    /// <param name="configuration">What it is like.</param>
    /// <param name="sockets">The host's end; owned from now on, even when this throws.</param>
    /// <param name="thread">The I/O thread that serves it; not owned.</param>
    /// <exception cref="ArgumentOutOfRangeException">The guest's CID is reserved, or there are to be no connections.</exception>
    /// <exception cref="Linux.LinuxException">The process has no descriptor left.</exception>
    public VsockDevice(VsockConfiguration configuration, VsockSockets sockets, IoThread thread)
        : base(VirtioDeviceType.Vsock, [QueueSize, QueueSize, QueueSize], thread)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        ArgumentNullException.ThrowIfNull(sockets);
        try
        {
            const int MostConnections = 1 << 16;
            ArgumentOutOfRangeException.ThrowIfLessThan(configuration.GuestCid, VsockConfiguration.LowestGuestCid);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(configuration.GuestCid, VsockConfiguration.HighestGuestCid);
            ArgumentOutOfRangeException.ThrowIfLessThan(configuration.MaxConnections, 1);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(configuration.MaxConnections, MostConnections);
            _guestCid = configuration.GuestCid;
            _switchboard = new VsockSwitchboard(configuration, sockets);
        }
        catch
        {
            sockets.Dispose();
            base.Dispose(disposing: true);
            throw;
        }
    }

    /// <inheritdoc/>
    public override ulong Features => StreamFeature | NoImpliedStreamFeature;

    /// <inheritdoc/>
    public override int ConfigurationLength => sizeof(ulong);

    /// <summary>Counters at this moment.</summary>
    public VsockMetrics Metrics => _switchboard.Metrics;

    /// <inheritdoc/>
    public override void ReadConfiguration(int offset, Span<byte> data)
    {
        Span<byte> space = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(space, _guestCid);
        space.Slice(offset, data.Length).CopyTo(data);
    }

    /// <summary>What a snapshot keeps. The device is paused or idle.</summary>
    public VsockState Save() => new() { NextHostPort = _switchboard.NextHostPort };

    /// <summary>Takes a saved state over: no connection of the saved guest is there any more, and the driver is told so.
    /// The device is paused or idle.</summary>
    /// <exception cref="DeviceStateException">The state is of another version.</exception>
    public void Restore(VsockState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        DeviceStateException.CheckVersion("the socket device", state.Version, VsockState.CurrentVersion);
        _switchboard.Clear();
        _switchboard.NextHostPort = state.NextHostPort;
        _owesTransportReset = true;
    }

    /// <summary>Looks at the sockets that are ready, on the device's thread. Tests call it where no thread runs.</summary>
    internal void PollHost()
    {
        if (Fault is null)
        {
            _switchboard.PollHost();
            Exchange();
        }

        if (Fault is not null)
        {
            // What is ready stays ready, and nobody will look at it before the reset.
            Unwatch();
        }
    }

    /// <summary>One round of the timer, on the device's thread, for tests.</summary>
    internal void Sweep()
    {
        _switchboard.Sweep();
        Exchange();
    }

    /// <inheritdoc/>
    protected override void OnActivated(VirtioActivation activation)
    {
        ArgumentNullException.ThrowIfNull(activation);

        // Without either feature streams are implied (§5.10.3.2).
        _switchboard.HasStreams = activation.Has(StreamFeature) || !activation.Has(NoImpliedStreamFeature);
        _isTxHeld = false;
        if (!IsPaused)
        {
            Watch();
        }
    }

    /// <inheritdoc/>
    protected override void OnReset()
    {
        Unwatch();

        // A driver that resets the device alone, without its sockets, has to hear that they are gone.
        _owesTransportReset |= _switchboard.Count > 0;
        _switchboard.Clear();
    }

    /// <inheritdoc/>
    protected override void OnPaused() => Unwatch();

    /// <inheritdoc/>
    protected override void OnResumed() => Watch();

    /// <inheritdoc/>
    protected override void OnNotified(Virtqueue queue)
    {
        ArgumentNullException.ThrowIfNull(queue);
        switch (queue.Index)
        {
            case RxQueue:
                Exchange();
                break;
            case TxQueue:
                TakePackets(queue);
                Exchange();
                break;
            case EventQueue:
                TellTransportReset(queue);
                break;
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
        {
            Unwatch();
            _switchboard.Dispose();
        }
    }

    private void Watch() => _watched ??= Thread.Watch(_switchboard.Ready, EpollEvents.In, _ => PollHost());

    private void Unwatch()
    {
        _watched?.Dispose();
        _watched = null;
    }

    /// <summary>Hands the guest what is owed to it, and goes on with its own packets if they waited for that.</summary>
    private void Exchange()
    {
        GivePackets();
        while (_isTxHeld && _switchboard.HasRoomForAnswer && Fault is null && Active?.Queues[TxQueue] is { } tx)
        {
            TakePackets(tx);
            GivePackets();
        }
    }

    private void TakePackets(Virtqueue queue)
    {
        _isTxHeld = false;
        queue.SuppressNotifications();
        for (int i = 0; i < MostPacketsARound; i++)
        {
            if (!_switchboard.HasRoomForAnswer)
            {
                // What is owed waits for receive buffers, and so does the rest of these packets (§5.10.6.1).
                _isTxHeld = true;
                break;
            }

            if (queue.TryPop(out DescriptorChain? chain))
            {
                _switchboard.Take(chain);
                continue;
            }

            _switchboard.Deliver();
            if (!AwaitRequests(queue))
            {
                Publish(queue);
                Check(queue);
                return;
            }
        }

        _switchboard.Deliver();
        Publish(queue);
        if (!_isTxHeld)
        {
            Doorbells[TxQueue].Ring();
        }
    }

    private void GivePackets()
    {
        if (Fault is not null || Active?.Queues[RxQueue] is not { } queue)
        {
            return;
        }

        queue.SuppressNotifications();
        for (int i = 0; _switchboard.HasPackets; i++)
        {
            if (i == MostPacketsARound)
            {
                Doorbells[RxQueue].Ring();
                break;
            }

            if (!queue.TryPop(out DescriptorChain? chain))
            {
                if (AwaitRequests(queue))
                {
                    continue;
                }

                break;
            }

            if (chain.WritableLength <= VsockHeader.Size)
            {
                queue.Complete(chain, 0);
                Fail("the driver gave a receive buffer with no room for a packet");
                break;
            }

            if (!_switchboard.TryWrite(chain, out uint written))
            {
                queue.Return(chain);
                break;
            }

            queue.Complete(chain, written);
        }

        Publish(queue);
        Check(queue);
    }

    private void TellTransportReset(Virtqueue queue)
    {
        if (!_owesTransportReset || !queue.TryPop(out DescriptorChain? chain))
        {
            return;
        }

        // struct virtio_vsock_event; VIRTIO_VSOCK_EVENT_TRANSPORT_RESET is 0 (§5.10.6.7).
        const uint TransportReset = 0;
        if (chain.TryWrite(0, TransportReset))
        {
            _owesTransportReset = false;
            queue.Complete(chain, sizeof(uint));
        }
        else
        {
            queue.Complete(chain, 0);
            Fail("the driver gave an event buffer with no room for an event");
        }

        Publish(queue);
    }
}
