using System.Numerics;
using StratoVirt.Backends.Block;
using StratoVirt.Devices.Virtio.Queue;
using StratoVirt.Linux;

namespace StratoVirt.Devices.Virtio.Block;

/// <summary>From the host back to the queue, on the device's thread.</summary>
public sealed partial class VirtioBlock
{
    private readonly Lock _errorGate = new();

    // A bit a queue: something was completed there and not shown yet.
    private ulong _unpublished;
    private BlockError? _lastError;
    private long _reads;
    private long _writes;
    private long _bytesRead;
    private long _bytesWritten;
    private long _flushes;
    private long _unmaps;
    private long _errors;
    private long _delayed;
    private long _merged;

    /// <summary>Counters at this moment.</summary>
    public BlockMetrics Metrics
    {
        get
        {
            lock (_errorGate)
            {
                return new BlockMetrics(
                    Volatile.Read(ref _reads),
                    Volatile.Read(ref _writes),
                    Volatile.Read(ref _bytesRead),
                    Volatile.Read(ref _bytesWritten),
                    Volatile.Read(ref _flushes),
                    Volatile.Read(ref _unmaps),
                    Volatile.Read(ref _errors),
                    Volatile.Read(ref _delayed),
                    Volatile.Read(ref _merged),
                    _lastError);
            }
        }
    }

    /// <summary>The host has done something. A driver that is answered often has its next request soon.</summary>
    private void OnCompletions()
    {
        for (ulong answered = Collect() & ~_waiting; answered != 0; answered &= answered - 1)
        {
            if (Active?.Queues[BitOperations.TrailingZeroCount(answered)] is { } queue)
            {
                ExpectRequests(queue);
            }
        }
    }

    /// <summary>Completes what the host has done and shows it.</summary>
    /// <returns>A bit for each queue in which something was shown.</returns>
    private ulong Collect()
    {
        while (_backend.TryCollect(out BlockIo? io))
        {
            Settle((BlockRequest)io.Owner);
        }

        _backend.Commit();
        ulong shown = _unpublished;
        while (_unpublished != 0)
        {
            int index = BitOperations.TrailingZeroCount(_unpublished);
            _unpublished &= _unpublished - 1;
            if (Active?.Queues[index] is { } queue)
            {
                _isWatched &= !Publish(queue);
            }
        }

        return shown;
    }

    /// <summary>The host has done what it was told of a request: that was all, or there is a next step.</summary>
    private void Settle(BlockRequest request)
    {
        Errno result = request.Io.Result;
        if (result != Errno.None)
        {
            SettleFailed(request, result);
            return;
        }

        if (request.RangesBegun < request.RangeCount)
        {
            request.DescribeNextRange();
            _backend.Submit(request.Io);
            return;
        }

        if (request.RangeCount > 0 && !request.IsSettling && IsWritethrough)
        {
            request.IsSettling = true;
            request.Io.Begin(BlockOperation.Flush, 0);
            _backend.Submit(request.Io);
            return;
        }

        for (BlockRequest? next = request; next is not null;)
        {
            BlockRequest done = next;
            next = done.Merged;
            Finish(done, BlockStatus.Ok);
        }
    }

    private void SettleFailed(BlockRequest request, Errno result)
    {
        if (request.Merged is null)
        {
            Remember(request.Io.Describe());
            Finish(request, result == Errno.NotSupported ? BlockStatus.Unsupported : BlockStatus.Error);
            if (result == BlockIo.EndOfImage)
            {
                TryRefreshCapacity();
            }

            return;
        }

        // Which of them failed? Each alone will tell.
        for (BlockRequest? next = request; next is not null;)
        {
            BlockRequest alone = next;
            next = alone.Merged;
            alone.Merged = null;
            alone.DescribeTransfer(TransferOptions(alone));
            _backend.Submit(alone.Io);
        }
    }

    private void Finish(BlockRequest request, BlockStatus status)
    {
        DescriptorChain chain = request.Chain;
        Virtqueue queue = chain.Queue;
        if (!request.HasStatus)
        {
            queue.Complete(chain, 0);
            _unpublished |= 1UL << queue.Index;
            Fail($"the driver left no room for the status of a request in queue {queue.Index}");
            return;
        }

        uint before = chain.WritableLength - 1;
        uint written = status != BlockStatus.Ok ? 0
            : request.IsIdentity ? (uint)chain.Write(0, _serial.AsSpan(0, (int)Math.Min(before, (uint)_serial.Length)))
            : request.Operation == BlockOperation.Read ? request.DataLength
            : 0;
        _ = chain.Write(before, [(byte)status]);
        Count(request, status);

        // Bytes written from the start: the status counts when nothing before it was left out (§2.7.8.2).
        queue.Complete(chain, written == before ? before + 1 : written);
        _unpublished |= 1UL << queue.Index;
    }

    private void Count(BlockRequest request, BlockStatus status)
    {
        if (status != BlockStatus.Ok)
        {
            _errors++;
            return;
        }

        switch (request.Operation)
        {
            case BlockOperation.Read:
                _reads++;
                _bytesRead += request.DataLength;
                break;
            case BlockOperation.Write:
                _writes++;
                _bytesWritten += request.DataLength;
                break;
            case BlockOperation.Flush when !request.IsIdentity:
                _flushes++;
                break;
            case BlockOperation.Discard:
            case BlockOperation.WriteZeroes:
                _unmaps++;
                break;
        }
    }

    private void Remember(BlockError error)
    {
        lock (_errorGate)
        {
            _lastError = error;
        }

        HostFailed?.Invoke();
    }

    // The image was cut: the guest may as well know. If the host does not tell, the failed request has told enough.
    private void TryRefreshCapacity()
    {
        try
        {
            _ = RefreshCapacity();
        }
        catch (LinuxException)
        {
        }
    }

    /// <summary>Waits until the host has done everything, and shows it. What waits for a rate limit is in its queue.</summary>
    private void Rest() => Thread.Invoke(() =>
    {
        while (_backend.InFlight > 0)
        {
            _backend.Commit();
            _backend.Wait();
            Collect();
        }

        _timer.Disarm();
        _timerWait = TimeSpan.MaxValue;
        _waiting = 0;
        _paid = 0;
    });
}
