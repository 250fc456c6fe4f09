using System.Runtime.InteropServices;
using StratoVirt.Backends.Limits;
using StratoVirt.Backends.Net;
using StratoVirt.Devices.Virtio.Queue;
using StratoVirt.Memory;

namespace StratoVirt.Devices.Virtio.Net;

/// <summary>
/// Takes frames from the host to a receive queue (virtio 1.3 §5.1.6.3), straight into guest memory.
/// </summary>
/// <remarks>
/// How long a frame is shows only when it has been read. Buffers are laid out for the longest frame of late, so that
/// small frames do not pay for what large ones need, and the part that a longer one has no room for lands beside them,
/// in this process: it is copied behind the rest, when there are buffers. So no frame is lost because the driver was late.
/// A frame that has been read and not given to the driver yet is called the held one.
/// </remarks>
internal sealed class NetReceiver
{
    // What one buffer of a driver without large frames holds: the target falls no lower.
    private const int SmallTarget = 1526;

    // The target falls by this share a frame: a burst of small frames within a bulk transfer does not undo it.
    private const int TargetDecayShift = 8;

    private readonly INetQueue _host;
    private readonly RateLimiter? _limit;
    private readonly NetCounters _counters;
    private readonly StagedBuffers _buffers;
    // Pinned, they stay where they are made: pages of theirs that no frame was long enough for take no memory.
    private readonly GuestBuffer[] _parts = GC.AllocateArray<GuestBuffer>(NetFrame.MaxParts, pinned: true);
    private readonly byte[] _rest = GC.AllocateUninitializedArray<byte>(NetFrame.MaxLength + 1, pinned: true);
    private NetHeader _header;
    private ulong _features;
    private int _longestWhole;
    private int _target;
    private int _held;
    private int _heldInGuest;

    internal NetReceiver(INetQueue host, RateLimiter? limit, NetCounters counters, ushort queueSize)
    {
        _host = host;
        _limit = limit;
        _counters = counters;
        _buffers = new StagedBuffers(queueSize);
    }

    /// <summary>Whether frames come in; if not, they are dropped.</summary>
    internal bool IsLinkUp { get; set; }

    /// <summary>How long the held frame is to be held back; zero when no limit holds it.</summary>
    internal TimeSpan Wait { get; private set; }

    /// <summary>Frames given to the driver that it has not been told of.</summary>
    internal bool HasNews { get; set; }

    /// <summary>The driver is ready.</summary>
    /// <param name="features">What was negotiated.</param>
    /// <param name="mtu">Bytes of payload the driver was told of.</param>
    internal void Start(ulong features, int mtu)
    {
        _features = features;
        _longestWhole = (features & NetFeatures.Mtu) != 0
            ? mtu + NetFrame.MinLength + NetFrame.VlanTag
            : NetFrame.MaxLength;
        _target = SmallTarget;
    }

    /// <summary>Hands frames over until there are none, no buffers, or as many as there may be.</summary>
    internal NetRound Run(Virtqueue queue, int most)
    {
        Wait = TimeSpan.Zero;
        for (int left = most; left > 0; left--)
        {
            NetRound? end = IsLinkUp ? HandOver(queue) : Discard();
            if (end is { } reason)
            {
                return reason;
            }
        }

        return NetRound.Interrupted;
    }

    /// <summary>Puts everything back into the queue. A held frame is lost.</summary>
    internal void Release(Virtqueue queue)
    {
        DropHeld();
        _buffers.Return(queue);
    }

    /// <summary>Drops everything: the queue is no more.</summary>
    internal void Forget()
    {
        DropHeld();
        _buffers.Forget();
    }

    private bool IsMergeable => (_features & NetFeatures.MergeableBuffers) != 0;

    /// <summary>One frame, if there is one; null when there may be another.</summary>
    private NetRound? HandOver(Virtqueue queue)
    {
        if (_held == 0)
        {
            NetRound? end = TakeNext(queue);
            if (end is not null || _held == 0)
            {
                return end;
            }
        }

        ulong run = (ulong)(INetBackend.HeaderLength + _held);
        if (!_buffers.Fill(queue, run, IsMergeable ? queue.Size : 1))
        {
            return AwaitBuffers(queue);
        }

        if (_limit is not null && !_limit.TryPass((ulong)_held, out TimeSpan wait))
        {
            _counters.Delayed++;
            Wait = wait;
            return NetRound.Delayed;
        }

        Deliver(queue, run);
        return null;
    }

    private NetRound? TakeNext(Virtqueue queue)
    {
        _buffers.Fill(queue, (ulong)(INetBackend.HeaderLength + _target), IsMergeable ? queue.Size : 1);
        if (_buffers.HasBadBuffer)
        {
            return NetRound.BadBuffer;
        }

        if (_buffers.Count == 0)
        {
            return AwaitBuffers(queue);
        }

        int count = _buffers.Slice(_parts);
        Span<byte> header = MemoryMarshal.AsBytes(new Span<NetHeader>(ref _header));
        NetStatus status = _host.Receive(header, _parts.AsSpan(0, count), _rest, out int length);
        switch (status)
        {
            case NetStatus.Done:
                Hold(length, count);
                return null;
            case NetStatus.Gone:
                return NetRound.HostGone;
            case NetStatus.Dropped:
                _counters.ReceiveDrops++;
                _counters.LastError = (int)_host.LastError;
                return NetRound.Idle;
            default:
                return NetRound.Idle;
        }
    }

    private void Hold(int length, int count)
    {
        int room = 0;
        for (int i = 0; i < count && room < length; i++)
        {
            room += _parts[i].Length;
        }

        _held = length;
        _heldInGuest = Math.Min(room, length);
        bool tooLong = length > NetFrame.MaxLength
            || (length > _longestWhole && _header.SegmentType == NetHeader.SegmentNone)
            || (!IsMergeable && _heldInGuest < length);
        if (tooLong || length < NetFrame.MinLength)
        {
            DropHeld();
        }
    }

    private void Deliver(Virtqueue queue, ulong run)
    {
        if (_heldInGuest < _held)
        {
            _buffers.Write((ulong)(INetBackend.HeaderLength + _heldInGuest), _rest.AsSpan(0, _held - _heldInGuest));
        }

        // Without GUEST_CSUM flags must be zero (§5.1.6.4.1); a tap marks checksums it knows to be right all the same.
        _header.Flags = (_features & NetFeatures.GuestChecksum) != 0 ? _header.Flags : (byte)0;
        _header.Buffers = (ushort)_buffers.CountFor(run);
        _buffers.Write(0, MemoryMarshal.AsBytes(new ReadOnlySpan<NetHeader>(in _header)));
        _buffers.Complete(queue, run);
        _counters.ReceivedFrames++;
        _counters.ReceivedBytes += _held;
        _target = Math.Max(Math.Max(_held, SmallTarget), _target - (_target >> TargetDecayShift));
        _held = 0;
        HasNews = true;
    }

    // The driver has given all it has. A frame that all the buffers of a full queue cannot hold would wait for ever.
    private NetRound? AwaitBuffers(Virtqueue queue)
    {
        if (_buffers.HasBadBuffer)
        {
            return NetRound.BadBuffer;
        }

        if (_held != 0 && _buffers.Count == queue.Size)
        {
            DropHeld();
            return null;
        }

        _counters.ReceiveStalls++;
        return NetRound.NoBuffers;
    }

    private NetRound? Discard()
    {
        DropHeld();
        Span<byte> header = MemoryMarshal.AsBytes(new Span<NetHeader>(ref _header));
        switch (_host.Receive(header, default, _rest, out _))
        {
            case NetStatus.Done:
                _counters.ReceiveDrops++;
                return null;
            case NetStatus.Gone:
                return NetRound.HostGone;
            default:
                return NetRound.Idle;
        }
    }

    private void DropHeld()
    {
        _counters.ReceiveDrops += _held == 0 ? 0 : 1;
        _held = 0;
    }
}
