using StratoVirt.Linux.Events;
using StratoVirt.Linux.Handles;
using StratoVirt.Linux.Threads;

namespace StratoVirt.Backends.Io;

/// <summary>
/// A named thread that serves devices: their doorbells, descriptors and timers, one handler at a time. A device's data
/// path runs on its thread alone and needs no lock; several devices may share one thread.
/// </summary>
public sealed class IoThread : IDisposable
{
    private readonly EventLoop _loop;
    private readonly Doorbell _posted = new();
    private readonly Queue<Action> _actions = new();

    /// <summary>Starts the thread.</summary>
    /// <param name="name">Its name; Linux shows the first 15 bytes.</param>
    /// <param name="onFault">Told of an exception that came out of a handler, which is not called again.</param>
    /// <param name="guard">Told by the thread what it is for; null where nobody asks.</param>
    /// <param name="longestPoll">How long it looks at queues for work at most before it sleeps, while that pays.</param>
    /// <exception cref="Linux.LinuxException">The process has no descriptor left.</exception>
    public IoThread(string name, Action<Exception> onFault, IThreadGuard? guard = null, TimeSpan longestPoll = default)
        // On a host of one CPU nobody can bring work while a thread looks for it.
        : this(() => new EventLoop(name, onFault, guard, longestPoll: Environment.ProcessorCount > 1 ? longestPoll : TimeSpan.Zero))
    {
    }

    private IoThread(Func<EventLoop> makeLoop)
    {
        try
        {
            _loop = makeLoop();
            _loop.Add(_posted.Event, EpollEvents.In, _ => RunPosted());
        }
        catch
        {
            _loop?.Dispose();
            _posted.Dispose();
            throw;
        }
    }

    /// <summary>The name it was given.</summary>
    public string Name => _loop.Name;

    /// <summary>Whether the caller is on this thread; always, where there is none.</summary>
    public bool IsCurrent => _loop.IsCurrent;

    /// <summary>Stands in for a thread where every step must be the caller's: handlers run in <see cref="Turn"/>.</summary>
    /// <exception cref="Linux.LinuxException">The process has no descriptor left.</exception>
    public static IoThread CreateStepped(string name, Action<Exception> onFault) =>
        new(() => EventLoop.CreateStepped(name, onFault));

    /// <summary>See <see cref="EventLoop.Turn"/>.</summary>
    public int Turn() => _loop.Turn();

    /// <summary>Serves a doorbell until the registration is disposed.</summary>
    /// <param name="doorbell">Must live at least as long as the registration.</param>
    /// <param name="handler">Called on this thread after rings, the doorbell answered already; and for work of what it
    /// has the thread look at (<see cref="EventRegistration.TryPoll"/>), which may come without a ring.</param>
    public EventRegistration Serve(Doorbell doorbell, Action handler)
    {
        ArgumentNullException.ThrowIfNull(doorbell);
        ArgumentNullException.ThrowIfNull(handler);
        return _loop.Add(doorbell.Event, EpollEvents.In, ready =>
        {
            if (ready == EpollEvents.None || doorbell.Answer())
            {
                handler();
            }
        });
    }

    /// <summary>Watches a descriptor until the registration is disposed; see <see cref="EventLoop.Add"/>.</summary>
    public EventRegistration Watch(FileDescriptor descriptor, EpollEvents interest, Action<EpollEvents> handler) =>
        _loop.Add(descriptor, interest, handler);

    /// <summary>Has something done on this thread, soon, in the order posted.</summary>
    public void Post(Action action)
    {
        ArgumentNullException.ThrowIfNull(action);
        lock (_actions)
        {
            _actions.Enqueue(action);
        }

        _posted.Ring();
    }

    /// <summary>Has something done on this thread and waits for its end; does it at once when called on it.</summary>
    /// <remarks>What the action throws is thrown to the caller.</remarks>
    public void Invoke(Action action)
    {
        ArgumentNullException.ThrowIfNull(action);
        if (IsCurrent)
        {
            action();
            return;
        }

        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(() =>
        {
            try
            {
                action();
                done.SetResult();
            }
#pragma warning disable CA1031 // Handed over to the caller, whatever it is.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                done.SetException(failure);
            }
        });
        done.Task.GetAwaiter().GetResult();
    }

    /// <summary>Stops after the handler that is running, and waits for the thread. Posted actions not yet begun are
    /// done by the caller. No handler of it may call this.</summary>
    public void Dispose()
    {
        _loop.Dispose();
        RunPosted();
        _posted.Dispose();
    }

    private void RunPosted()
    {
        _ = _posted.Answer();
        while (true)
        {
            Action? action;
            lock (_actions)
            {
                if (!_actions.TryDequeue(out action))
                {
                    return;
                }
            }

            action();
        }
    }
}
