using StratoVirt.Devices.Virtio.Queue;
using StratoVirt.Memory;

namespace StratoVirt.Devices.Virtio.Balloon;

// The data path: everything here runs on the device's I/O thread.
public sealed partial class BalloonDevice
{
    // What one ring may cost before the other devices of the thread get their turn. A page is a system call at worst;
    // giving a gigabyte back takes the kernel some tens of milliseconds when the guest has touched all of it.
    private const int PagesPerRound = BalloonRequest.MostPages;
    private const long BytesPerRound = 1L << 30;
    private const int LeastPages = 16;
    private const long LeastBytes = 1 << 20;

    private readonly BalloonRequest _request = new();
    private readonly PageRelease _release = new();
    private Virtqueue? _statisticsQueue;
    private DescriptorChain? _heldStatistics;
    private long _inflated;
    private long _deflated;
    private long _reported;
    private long _hinted;
    private long _badPages;
    private long _reports;
    private long _badRequests;

    /// <summary>Counters at this moment.</summary>
    public BalloonMetrics Metrics => new(
        Volatile.Read(ref _inflated),
        Volatile.Read(ref _deflated),
        Volatile.Read(ref _reported),
        Volatile.Read(ref _hinted),
        _release.Released,
        _release.Refused,
        Volatile.Read(ref _badPages),
        Volatile.Read(ref _reports),
        Volatile.Read(ref _badRequests));

    /// <inheritdoc/>
    protected override void OnNotified(Virtqueue queue)
    {
        ArgumentNullException.ThrowIfNull(queue);
        switch (queue.Index)
        {
            case InflateQueue:
            case DeflateQueue:
                ServePages(queue, inflate: queue.Index == InflateQueue);
                break;
            case StatisticsQueue:
                _statisticsQueue = queue;
                HoldStatistics(queue);
                break;
            case HintQueue:
                ServeRanges(queue, hints: true);
                break;
            case ReportingQueue:
                ServeRanges(queue, hints: false);
                break;
        }
    }

    /// <inheritdoc/>
    protected override void OnReset() => Thread.Invoke(() =>
    {
        ForgetStatisticsQueue(giveBack: false);
        _statistics.Clear();
        _hints.Reset();
        Volatile.Write(ref _poison, 0);
        if (Interlocked.Exchange(ref _actual, 0) != 0)
        {
            ActualChanged?.Invoke();
        }
    });

    /// <inheritdoc/>
    protected override void OnPaused() => Thread.Invoke(() => ForgetStatisticsQueue(giveBack: true));

    /// <inheritdoc/>
    protected override void OnQueueReset(Virtqueue queue)
    {
        if (queue.Index == StatisticsQueue)
        {
            Thread.Invoke(() => ForgetStatisticsQueue(giveBack: false));
        }
    }

    private void ServePages(Virtqueue queue, bool inflate)
    {
        int budget = PagesPerRound;
        bool drained = false;
        while (budget > 0)
        {
            if (!queue.TryPop(out DescriptorChain? chain))
            {
                drained = true;
                break;
            }

            _badPages += _request.Read(chain);
            _badRequests += chain.ReadableLength % sizeof(uint) != 0 || chain.WritableLength != 0 ? 1 : 0;
            if (inflate)
            {
                Inflate();
            }
            else
            {
                // Nothing to do: a page that was given back returns, empty, when the guest touches it.
                _deflated += _request.Count;
            }

            budget -= Math.Max(_request.Count, LeastPages);
            queue.Complete(chain, 0);
        }

        EndRound(queue, drained);
    }

    private void Inflate()
    {
        _inflated += _request.Count;
        while (_request.TryTakeRun(out ulong start, out ulong length))
        {
            ulong found = _release.Release(Active!.Memory, start, length);
            _badPages += (long)((length - found) / BalloonRequest.PageSize);
        }
    }

    // Hints and reports: buffers that are the free pages themselves. Hints are bracketed by commands (§5.5.6.3).
    private void ServeRanges(Virtqueue queue, bool hints)
    {
        long budget = BytesPerRound;
        bool drained = false;
        while (budget > 0)
        {
            if (!queue.TryPop(out DescriptorChain? chain))
            {
                drained = true;
                break;
            }

            if (hints)
            {
                TakeHints(chain);
            }
            else
            {
                TakeReport(chain);
            }

            budget -= Math.Max(chain.WritableLength, LeastBytes);
            queue.Complete(chain, 0);
        }

        EndRound(queue, drained);
    }

    private void TakeHints(DescriptorChain chain)
    {
        if (chain.ReadableLength == sizeof(uint) && chain.TryRead(0, out uint command))
        {
            _hints.OnCommand(command);
        }
        else if (chain.ReadableLength != 0)
        {
            _badRequests++;
        }

        foreach (GuestBuffer buffer in chain.Writable)
        {
            if (PageRelease.TryFind(Active!.Memory, buffer, out GuestRange range) && _hints.OnPages(range))
            {
                _hinted += buffer.Length;
            }
        }
    }

    private void TakeReport(DescriptorChain chain)
    {
        _badRequests += chain.ReadableLength != 0 ? 1 : 0;
        _reported += chain.WritableLength;

        // Pages given back read as zero. With another poison value they must stay as they are (§5.5.6.5.2).
        if (Active!.Has(BalloonFeatures.PagePoison) && Volatile.Read(ref _poison) != 0)
        {
            return;
        }

        foreach (GuestBuffer buffer in chain.Writable)
        {
            _release.Release(Active.Memory, buffer);
        }
    }

    private void EndRound(Virtqueue queue, bool drained)
    {
        Publish(queue);
        if (!drained || queue.AllowNotifications())
        {
            Doorbells[queue.Index].Ring();
        }
    }

    // The driver offers one filled buffer; the device keeps it and gives it back to ask for the next (§5.5.6.1). A
    // driver that offers two breaks the rule: the second stays in the queue until the first is given back.
    private void HoldStatistics(Virtqueue queue)
    {
        while (_heldStatistics is null)
        {
            if (queue.TryPop(out DescriptorChain? chain))
            {
                _heldStatistics = chain;
                _statistics.Read(chain);
                _reports++;
            }
            else if (!queue.AllowNotifications())
            {
                break;
            }
        }
    }

    private void OnTimer()
    {
        _timer.Drain();
        PollStatistics();
    }

    private void PollStatistics()
    {
        if (_statisticsQueue is { } queue && _heldStatistics is { } held && Fault is null)
        {
            _heldStatistics = null;
            queue.Complete(held, 0);
            Publish(queue);
            HoldStatistics(queue);
            Check(queue);
        }
    }

    private void ForgetStatisticsQueue(bool giveBack)
    {
        if (giveBack && _heldStatistics is { } held)
        {
            _statisticsQueue!.Return(held);
        }

        _heldStatistics = null;
        _statisticsQueue = null;
    }
}
