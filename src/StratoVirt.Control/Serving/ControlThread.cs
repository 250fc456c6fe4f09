using StratoVirt.Linux.Events;
using StratoVirt.Linux.Handles;
using StratoVirt.Linux.Threads;

namespace StratoVirt.Control.Serving;

/// <summary>The one thread that serves a machine's control sockets: an event loop that other threads can hand work to.</summary>
internal sealed class ControlThread : IDisposable
{
    private readonly Queue<Action> _posted = new();
    private readonly List<Later> _later = [];
    private readonly Action<Exception> _onFault;
    private readonly EventFd _news;
    private readonly TimerFd _timer;
    private bool _isClosed;

    /// <summary>Starts it.</summary>
    /// <param name="name">Its name; Linux shows the first 15 bytes.</param>
    /// <param name="onFault">Told of what came out of handlers and of work handed over.</param>
    /// <param name="guard">Told by the thread what it is for; null where nobody asks.</param>
    /// <exception cref="Linux.LinuxException">The process has no descriptor left.</exception>
    public ControlThread(string name, Action<Exception> onFault, IThreadGuard? guard)
    {
        _onFault = onFault;
        _news = EventFd.Create();
        try
        {
            _timer = TimerFd.Create();
            Loop = new EventLoop(name, onFault, guard, ThreadRole.Control);
            Loop.Add(_news, EpollEvents.In, _ => RunPosted());
            Loop.Add(_timer, EpollEvents.In, _ => RunDue());
        }
        catch
        {
            Loop?.Dispose();
            _timer?.Dispose();
            _news.Dispose();
            throw;
        }
    }

    /// <summary>The loop.</summary>
    public EventLoop Loop { get; }

    /// <summary>Has something done on the thread, in the order posted; from any thread.</summary>
    /// <returns>False after the thread's end: it will not be done.</returns>
    public bool Post(Action action)
    {
        lock (_posted)
        {
            if (_isClosed)
            {
                return false;
            }

            _posted.Enqueue(action);
            _news.Signal();
            return true;
        }
    }

    /// <summary>Has something done after a time. On the thread, as all that concerns time.</summary>
    /// <returns>By which it can be taken back.</returns>
    public Later After(TimeSpan time, Action action)
    {
        var later = new Later(Environment.TickCount64 + (long)time.TotalMilliseconds, action);
        _later.Add(later);
        Arm();
        return later;
    }

    /// <summary>Takes something back that has not been done.</summary>
    public void Cancel(Later later) => _later.Remove(later);

    /// <summary>Ends the thread. What was posted and not begun is done by the caller.</summary>
    public void Dispose()
    {
        Loop.Dispose();
        while (TryTakePosted(closes: true, out Action? action))
        {
            Run(action!);
        }

        _news.Dispose();
        _timer.Dispose();
    }

    private void RunPosted()
    {
        _ = _news.Drain();
        while (TryTakePosted(closes: false, out Action? action))
        {
            Run(action!);
        }
    }

    private bool TryTakePosted(bool closes, out Action? action)
    {
        lock (_posted)
        {
            bool isThere = _posted.TryDequeue(out action);
            _isClosed |= closes && !isThere;
            return isThere;
        }
    }

    private void RunDue()
    {
        _ = _timer.Drain();
        long now = Environment.TickCount64;
        foreach (Later later in _later.FindAll(later => later.Due <= now))
        {
            if (_later.Remove(later))
            {
                Run(later.Action);
            }
        }

        Arm();
    }

    private void Arm()
    {
        if (_later.Count > 0)
        {
            _timer.Arm(TimeSpan.FromMilliseconds(Math.Max(0, _later.Min(later => later.Due) - Environment.TickCount64)));
        }
    }

    private void Run(Action action)
    {
        try
        {
            action();
        }
#pragma warning disable CA1031 // A mistake in one piece of work must not end the others' service.
        catch (Exception mistake)
#pragma warning restore CA1031
        {
            _onFault(mistake);
        }
    }
}
