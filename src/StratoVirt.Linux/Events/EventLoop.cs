using StratoVirt.Linux.Handles;
using StratoVirt.Linux.Threads;

namespace StratoVirt.Linux.Events;

/// <summary>
/// A named I/O thread: waits for descriptors with epoll and calls the handler of each that is ready. Handlers of one
/// loop never run at the same time. Descriptors may be added and removed from any thread, handlers included.
/// </summary>
public sealed partial class EventLoop : IDisposable
{
    // Handlers move bytes between descriptors and guest memory; none recurses. Address space per thread is what an
    // additional machine costs, so the default of 8 MiB (ulimit -s) is not taken.
    private const int StackBytes = 256 * 1024;
    private const ulong WakeToken = 0;

    private readonly Lock _gate = new();
    private readonly Dictionary<ulong, EventRegistration> _registrations = [];
    private readonly Action<Exception> _onFault;
    private readonly Epoll _epoll = Epoll.Create();
    private readonly EventFd _wake;
    private readonly IThreadGuard? _guard;
    private readonly ThreadRole _role;
    private readonly Thread? _thread;
    private ulong _lastToken = WakeToken;
    private volatile bool _stopping;

    /// <summary>Starts the thread.</summary>
    /// <param name="name">The thread's name; Linux shows its first 15 bytes.</param>
    /// <param name="onFault">Told, on the loop's thread, of an exception that came out of a handler. The handler has
    /// been removed by then; the loop and the other handlers go on.</param>
    /// <param name="guard">Told by the thread what it is for; null where nobody asks.</param>
    /// <param name="role">What it is for.</param>
    /// <param name="longestPoll">How long it looks for work at most before it sleeps, while that pays; see
    /// <see cref="EventRegistration.TryPoll"/>. None by default.</param>
    /// <exception cref="LinuxException">The process has no descriptor left.</exception>
    public EventLoop(
        string name,
        Action<Exception> onFault,
        IThreadGuard? guard = null,
        ThreadRole role = ThreadRole.Io,
        TimeSpan longestPoll = default)
        : this(name, onFault, guard, role, longestPoll, isStepped: false)
    {
    }

    private EventLoop(
        string name, Action<Exception> onFault, IThreadGuard? guard, ThreadRole role, TimeSpan longestPoll, bool isStepped)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(onFault);
        Name = name;
        _onFault = onFault;
        _guard = guard;
        _role = role;
        _window = new PollWindow((long)longestPoll.TotalNanoseconds);
        try
        {
            _wake = EventFd.Create();
            _epoll.Add(_wake, EpollEvents.In, WakeToken);
            if (!isStepped)
            {
                _thread = new Thread(Run, StackBytes) { IsBackground = true, Name = name };
                _thread.Start();
            }
        }
        catch
        {
            _wake?.Dispose();
            _epoll.Dispose();
            throw;
        }
    }

    /// <summary>The name it was given.</summary>
    public string Name { get; }

    /// <summary>Whether the caller runs on this loop's thread, as whoever uses a stepped loop does.</summary>
    public bool IsCurrent => _thread is null || Thread.CurrentThread == _thread;

    /// <summary>A loop without a thread: its handlers run inside <see cref="Turn"/> and at no other time. For whoever
    /// must have the same events lead to the same run; one thread at a time uses it.</summary>
    /// <exception cref="LinuxException">The process has no descriptor left.</exception>
    public static EventLoop CreateStepped(string name, Action<Exception> onFault) =>
        new(name, onFault, guard: null, ThreadRole.Io, longestPoll: default, isStepped: true);

    /// <summary>Calls the handlers of what is ready now, of a stepped loop, without waiting.</summary>
    /// <returns>Events there were.</returns>
    /// <exception cref="InvalidOperationException">The loop has a thread that does this.</exception>
    public int Turn()
    {
        if (_thread is not null)
        {
            throw new InvalidOperationException($"Event loop '{Name}' has a thread of its own.");
        }

        Span<EpollEvent> ready = stackalloc EpollEvent[Epoll.MaxEventsPerWait];
        int count = _epoll.Wait(ready, 0);
        for (int i = 0; i < count; i++)
        {
            Dispatch(ready[i]);
        }

        return count;
    }

    /// <summary>Watches a descriptor until the registration is disposed.</summary>
    /// <param name="descriptor">Must stay open at least as long as the registration.</param>
    /// <param name="interest">What to watch for. Levels, unless <see cref="EpollEvents.EdgeTriggered"/> is set: the
    /// handler is called again as long as the descriptor is ready.</param>
    /// <param name="handler">Called on the loop's thread with what the descriptor is ready for. Must not block.</param>
    /// <exception cref="LinuxException">The descriptor cannot be watched, or already is.</exception>
    /// <exception cref="ObjectDisposedException">The loop has been stopped.</exception>
    public EventRegistration Add(FileDescriptor descriptor, EpollEvents interest, Action<EpollEvents> handler)
    {
        ArgumentNullException.ThrowIfNull(descriptor);
        ArgumentNullException.ThrowIfNull(handler);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_stopping, this);
            ulong token = ++_lastToken;
            var registration = new EventRegistration(this, descriptor, token, handler);
            _registrations.Add(token, registration);
            try
            {
                _epoll.Add(descriptor, interest, token);
            }
            catch
            {
                _registrations.Remove(token);
                throw;
            }

            return registration;
        }
    }

    /// <summary>Stops the thread after the handler that is running, and waits for it. Remaining registrations end.</summary>
    /// <exception cref="InvalidOperationException">Called by one of its own handlers, which it cannot wait for.</exception>
    public void Dispose()
    {
        if (IsCurrent && _thread is not null)
        {
            throw new InvalidOperationException(
                $"Event loop '{Name}' cannot be stopped from one of its own handlers; stop it from another thread.");
        }

        lock (_gate)
        {
            if (!_stopping)
            {
                _stopping = true;
                _wake.Signal();
            }
        }

        _thread?.Join();
        lock (_gate)
        {
            _registrations.Clear();
            _epoll.Dispose();
            _wake.Dispose();
        }
    }

    internal void Modify(EventRegistration registration, EpollEvents interest)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(!_registrations.ContainsKey(registration.Token), registration);
            _epoll.Modify(registration.Descriptor, interest, registration.Token);
        }
    }

    internal void Remove(EventRegistration registration)
    {
        lock (_gate)
        {
            // Tokens are never used twice, so an event taken from the kernel before this finds nobody. A descriptor
            // that has been closed too early has left the epoll set by itself.
            if (_registrations.Remove(registration.Token))
            {
                _polled.Remove(registration);
                if (!registration.Descriptor.IsClosed)
                {
                    _epoll.Remove(registration.Descriptor);
                }
            }
        }

        if (!IsCurrent)
        {
            registration.WaitUntilIdle();
        }
    }

    private void Run()
    {
        _guard?.Enter(_role);
        try
        {
            Span<EpollEvent> ready = stackalloc EpollEvent[Epoll.MaxEventsPerWait];
            while (!_stopping)
            {
                int count = _polled.Count == 0 ? Sleep(ready) : Look(ready);
                for (int i = 0; i < count && !_stopping; i++)
                {
                    Dispatch(ready[i]);
                }
            }
        }
        catch (LinuxException unusable)
        {
            _onFault(unusable);
        }
    }

    private void Dispatch(EpollEvent ready)
    {
        EventRegistration? registration;
        lock (_gate)
        {
            if (!_registrations.TryGetValue(ready.Token, out registration))
            {
                return;
            }

            registration.Enter();
        }

        Call(registration, ready.Ready);
    }

    // The registration has been entered.
    private void Call(EventRegistration registration, EpollEvents ready)
    {
        try
        {
            registration.Handler(ready);
        }
#pragma warning disable CA1031 // Whatever a handler throws is handed to the owner: none may end the process.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Remove(registration);
            _onFault(exception);
        }
        finally
        {
            registration.Leave();
        }
    }
}
