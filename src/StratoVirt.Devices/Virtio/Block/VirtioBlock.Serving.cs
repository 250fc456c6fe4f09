using StratoVirt.Backends.Block;
using StratoVirt.Backends.Limits;
using StratoVirt.Devices.Virtio.Queue;

namespace StratoVirt.Devices.Virtio.Block;

/// <summary>From the queue to the host, on the device's thread.</summary>
public sealed partial class VirtioBlock
{
    // Other devices of the thread get their turn after so many requests.
    private const int RequestsPerTurn = 1024;

    // Small neighbours cost less together; large ones are better done side by side.
    private const long MaxMergedBytes = 128 << 10;
    private const int MaxMergedVectors = 512;

    // A host that answers at once is given portions of so many bytes, so that the driver works beside the device. A small
    // request counts as more than it is, for the work it makes. One that does not answer at once is not kept waiting while
    // requests are read: it is given the first one alone and then as many as it has, so that few calls do for many.
    private const long PortionBytes = 64 << 10;
    private const long LeastCounted = 8 << 10;

    // The last request taken, held back until it is known whether its neighbour follows.
    private BlockRequest? _open;
    private BlockRequest? _openTail;
    private bool _hasFlush;
    private bool _hasCacheSwitch;
    private bool _answersAtOnce;
    private bool _isWatched;

    // A bit a queue: its first request waits; the disk's own limiter has let that request pass already.
    private ulong _waiting;
    private ulong _paid;
    private TimeSpan _timerWait = TimeSpan.MaxValue;

    // A write is stable when it completes unless the driver has a way to flush (§5.2.6.2).
    private bool IsWritethrough => _hasCacheSwitch ? !Writeback : !_hasFlush;

    /// <inheritdoc/>
    protected override void OnNotified(Virtqueue queue)
    {
        ArgumentNullException.ThrowIfNull(queue);
        int left = RequestsPerTurn;
        _isWatched = true;
        queue.SuppressNotifications();
        do
        {
            if (!TakeAll(queue, ref left))
            {
                return;
            }
        }
        while (AwaitRequests(queue));
    }

    /// <summary>Takes what there is and has it done.</summary>
    /// <returns>False when the rest must wait for later, for which everything is arranged.</returns>
    private bool TakeAll(Virtqueue queue, ref int left)
    {
        bool isOver = true;
        long portion = 0;
        int begun = _backend.InFlight;
        while (Fault is null && queue.TryPop(out DescriptorChain? chain))
        {
            if (left-- == 0)
            {
                queue.Return(chain);
                Doorbells[queue.Index].Ring();
                isOver = false;
                break;
            }

            BlockRequest request = chain.Request as BlockRequest ?? Prepare(chain);
            BlockStatus status = request.Read(_backend);
            if (!Passes(queue, request))
            {
                queue.Return(chain);
                isOver = false;
                break;
            }

            if (status == BlockStatus.Ok)
            {
                Start(request);
            }
            else
            {
                Finish(request, status);
            }

            portion += Math.Max(request.DataLength, LeastCounted);
            if (_answersAtOnce)
            {
                if (portion >= PortionBytes && _isWatched)
                {
                    portion = 0;
                    HandOver();
                }
            }
            else if (_backend.InFlight >= 2 * begun && _backend.InFlight > begun)
            {
                _backend.Commit();
                begun = _backend.InFlight;
            }
        }

        HandOver();
        return isOver && Fault is null;
    }

    /// <summary>Gives the host what was taken, and the driver what is done by then.</summary>
    private void HandOver()
    {
        SubmitOpen();
        int begun = _backend.InFlight;
        _backend.Commit();
        Collect();
        if (begun > 0)
        {
            _answersAtOnce = _backend.InFlight <= begun / 2;
        }
    }

    private static BlockRequest Prepare(DescriptorChain chain)
    {
        var request = new BlockRequest(chain);
        chain.Request = request;
        return request;
    }

    private void Start(BlockRequest request)
    {
        if (request.IsTransfer)
        {
            if (!TryMerge(request))
            {
                SubmitOpen();
                request.DescribeTransfer(TransferOptions(request));
                _open = request;
                _openTail = request;
            }

            return;
        }

        SubmitOpen();
        if (request.IsIdentity)
        {
            Finish(request, BlockStatus.Ok);
        }
        else
        {
            if (request.RangeCount > 0)
            {
                request.DescribeNextRange();
            }
            else
            {
                request.Io.Begin(BlockOperation.Flush, 0);
            }

            _backend.Submit(request.Io);
        }
    }

    private bool TryMerge(BlockRequest request)
    {
        if (_open is not { } first
            || first.Operation != request.Operation
            || first.Io.Offset + first.Io.Length != request.Offset
            || first.Io.Length + request.DataLength > MaxMergedBytes
            || first.Io.VectorCount > MaxMergedVectors)
        {
            return false;
        }

        request.AddMemory(first.Io);
        _openTail!.Merged = request;
        _openTail = request;
        _merged++;
        return true;
    }

    private void SubmitOpen()
    {
        if (_open is { } request)
        {
            _open = null;
            _openTail = null;
            _backend.Submit(request.Io);
        }
    }

    private BlockIoOptions TransferOptions(BlockRequest request) =>
        request.Operation == BlockOperation.Write && IsWritethrough ? BlockIoOptions.Durable : BlockIoOptions.None;

    private bool Passes(Virtqueue queue, BlockRequest request)
    {
        if (_limiter is null && _group is null)
        {
            return true;
        }

        ulong bit = 1UL << queue.Index;
        ulong bytes = request.IsTransfer ? request.DataLength : 0;
        if ((_paid & bit) == 0 && !Passes(_limiter, bytes, bit))
        {
            return false;
        }

        _paid |= bit;
        if (!Passes(_group, bytes, bit))
        {
            return false;
        }

        _paid &= ~bit;
        _waiting &= ~bit;
        return true;
    }

    private bool Passes(RateLimiter? limiter, ulong bytes, ulong bit)
    {
        if (limiter is null || limiter.TryPass(bytes, out TimeSpan wait))
        {
            return true;
        }

        if ((_waiting & bit) == 0)
        {
            _waiting |= bit;
            _delayed++;
        }

        // The earliest counts; then every queue that waits is tried.
        if (wait < _timerWait)
        {
            _timerWait = wait;
            _timer.Arm(wait);
        }

        return false;
    }

    private void OnTimer()
    {
        _timer.Drain();
        _timerWait = TimeSpan.MaxValue;
        for (int i = 0; i < QueueSizes.Count; i++)
        {
            if ((_waiting & (1UL << i)) != 0)
            {
                Serve(i);
            }
        }
    }
}
