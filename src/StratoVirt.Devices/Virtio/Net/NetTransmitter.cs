using StratoVirt.Backends.Limits;
using StratoVirt.Backends.Net;
using StratoVirt.Devices.Virtio.Queue;
using StratoVirt.Memory;

namespace StratoVirt.Devices.Virtio.Net;

/// <summary>Takes frames from a transmit queue to the host (virtio 1.3 §5.1.6.2), straight from guest memory.</summary>
internal sealed class NetTransmitter
{
    private readonly INetQueue _host;
    private readonly RateLimiter? _limit;
    private readonly NetCounters _counters;
    // Pinned for the reason of NetReceiver's.
    private readonly GuestBuffer[] _parts = GC.AllocateArray<GuestBuffer>(NetFrame.MaxParts, pinned: true);
    private bool _isPaid;

    internal NetTransmitter(INetQueue host, RateLimiter? limit, NetCounters counters)
    {
        _host = host;
        _limit = limit;
        _counters = counters;
    }

    /// <summary>What was negotiated.</summary>
    internal ulong Features { get; set; }

    /// <summary>Whether frames go out; if not, they are dropped.</summary>
    internal bool IsLinkUp { get; set; }

    /// <summary>The host took no more: frames wait for its descriptor to become writable.</summary>
    internal bool AwaitsRoom { get; private set; }

    /// <summary>How long the next frame is to be held back; zero when no limit holds it.</summary>
    internal TimeSpan Wait { get; private set; }

    /// <summary>The host's side went away while a frame was sent.</summary>
    internal bool HasLostHost { get; private set; }

    /// <summary>Before a round.</summary>
    internal void Begin()
    {
        AwaitsRoom = false;
        Wait = TimeSpan.Zero;
    }

    /// <summary>Sends one frame and completes it; false when it has to wait.</summary>
    internal bool Serve(DescriptorChain chain)
    {
        uint length = chain.ReadableLength - INetBackend.HeaderLength;
        if (chain.ReadableLength < INetBackend.HeaderLength + NetFrame.MinLength
            || length > NetFrame.MaxLength
            || !chain.TryRead(0, out NetHeader header)
            || !header.TryClean(Features, length)
            || !TrySlice(chain, length, out ReadOnlySpan<GuestBuffer> frame))
        {
            _counters.SendErrors++;
            return Finish(chain);
        }

        if (!IsLinkUp || HasLostHost)
        {
            _counters.SendDrops++;
            return Finish(chain);
        }

        return IsAllowed(length) && Send(chain, header, frame, length);
    }

    /// <summary>Forgets what a driver has left.</summary>
    internal void Forget()
    {
        _isPaid = false;
        Begin();
    }

    private static bool Finish(DescriptorChain chain)
    {
        // Nothing is ever written into a transmit buffer.
        chain.Queue.Complete(chain, 0);
        return true;
    }

    private bool Send(DescriptorChain chain, NetHeader header, ReadOnlySpan<GuestBuffer> frame, uint length)
    {
        NetStatus status = _host.Send(System.Runtime.InteropServices.MemoryMarshal.AsBytes(new ReadOnlySpan<NetHeader>(in header)), frame);
        switch (status)
        {
            case NetStatus.Done:
                _counters.SentFrames++;
                _counters.SentBytes += length;
                break;
            case NetStatus.WouldBlock:
                _counters.SendStalls++;
                AwaitsRoom = true;
                return false;
            default:
                HasLostHost = status == NetStatus.Gone;
                _counters.SendDrops++;
                _counters.LastError = (int)_host.LastError;
                break;
        }

        _isPaid = false;
        return Finish(chain);
    }

    // A frame that had to wait for room has been paid for already.
    private bool IsAllowed(uint length)
    {
        if (_limit is null || _isPaid)
        {
            return true;
        }

        _isPaid = _limit.TryPass(length, out TimeSpan wait);
        if (!_isPaid)
        {
            _counters.Delayed++;
            Wait = wait;
        }

        return _isPaid;
    }

    private bool TrySlice(DescriptorChain chain, uint length, out ReadOnlySpan<GuestBuffer> frame)
    {
        int count = chain.SliceReadable(INetBackend.HeaderLength, length, _parts);
        frame = _parts.AsSpan(0, count);
        if (count < _parts.Length)
        {
            return true;
        }

        long covered = 0;
        foreach (GuestBuffer part in frame)
        {
            covered += part.Length;
        }

        return covered == length;
    }
}
