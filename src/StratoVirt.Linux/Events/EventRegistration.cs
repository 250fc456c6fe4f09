using StratoVirt.Linux.Handles;

namespace StratoVirt.Linux.Events;

/// <summary>One descriptor watched by an <see cref="EventLoop"/>.</summary>
public sealed class EventRegistration : IDisposable
{
    private readonly EventLoop _loop;
    private readonly object _idle = new();
    private bool _running;

    internal EventRegistration(EventLoop loop, FileDescriptor descriptor, ulong token, Action<EpollEvents> handler)
    {
        _loop = loop;
        Descriptor = descriptor;
        Token = token;
        Handler = handler;
    }

    internal FileDescriptor Descriptor { get; }

    internal ulong Token { get; }

    internal Action<EpollEvents> Handler { get; }

    /// <summary>What is looked at instead of the descriptor at the moment; behind the loop's gate.</summary>
    internal IPolled? Polled { get; set; }

    /// <summary>Has the loop look at memory for this registration's work before it sleeps. Called by a handler that has
    /// found no more work. The handler is called with no events when there is, else <see cref="IPolled.Rearm"/>; the
    /// descriptor need not become ready in the meantime.</summary>
    /// <returns>False when the loop is about to sleep: rearm at once.</returns>
    public bool TryPoll(IPolled source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return _loop.TryPoll(this, source);
    }

    /// <summary>Changes what the descriptor is watched for; re-arms a one-shot.</summary>
    /// <exception cref="ObjectDisposedException">The registration has ended.</exception>
    public void Modify(EpollEvents interest) => _loop.Modify(this, interest);

    /// <summary>Ends the registration. When this returns the handler is not running and will not be called again,
    /// unless it is the handler itself that called. Must not be called under a lock which the handler takes.</summary>
    public void Dispose() => _loop.Remove(this);

    internal void Enter()
    {
        lock (_idle)
        {
            _running = true;
        }
    }

    internal void Leave()
    {
        lock (_idle)
        {
            _running = false;
            Monitor.PulseAll(_idle);
        }
    }

    internal void WaitUntilIdle()
    {
        lock (_idle)
        {
            while (_running)
            {
                Monitor.Wait(_idle);
            }
        }
    }
}
