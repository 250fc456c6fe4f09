using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Linux.Events;

/// <summary>
/// Looking before sleeping: a registration whose work shows in memory is looked at for a while (<see cref="PollWindow"/>),
/// with its signal off; then its signal is asked for again, and the loop sleeps.
/// </summary>
public sealed partial class EventLoop
{
    // Looks between two questions to the kernel, which cost as much as some of them.
    private const int LooksEach = 8;
    private const int SpinsBetween = 2;

    // Descriptors are asked about this often, in nanoseconds, however much work memory shows.
    private const long AskEvery = 10_000;

    // Behind the gate; changed by the loop's thread, but for removals.
    private readonly List<EventRegistration> _polled = [];
    private readonly PollWindow _window;
    private long _asked;

    /// <summary>Whether work that comes soon is worth looking for.</summary>
    internal bool TryPoll(EventRegistration registration, IPolled source)
    {
        if (!_window.IsOpen || !IsCurrent)
        {
            return false;
        }

        lock (_gate)
        {
            if (!_registrations.ContainsKey(registration.Token))
            {
                return false;
            }

            if (registration.Polled is null)
            {
                _polled.Add(registration);
            }

            registration.Polled = source;
            return true;
        }
    }

    private static long Now => Stopwatch.GetTimestamp() * (1_000_000_000 / Stopwatch.Frequency);

    private int Sleep(Span<EpollEvent> ready)
    {
        if (!_window.CanOpen)
        {
            return _epoll.Wait(ready, Timeout.Infinite);
        }

        long begin = Now;
        int count = _epoll.Wait(ready, Timeout.Infinite);
        _window.Slept(Now - begin);
        return count;
    }

    private int Look(Span<EpollEvent> ready)
    {
        long begin = Now;
        long now = begin;
        do
        {
            if (TryFindWork(out EventRegistration? found))
            {
                _window.Found(now - begin);
                Call(found, EpollEvents.None);
                if (Now - _asked < AskEvery)
                {
                    return 0;
                }

                _asked = Now;
                return _epoll.Wait(ready, 0);
            }

            int count = _epoll.Wait(ready, 0);
            long looked = now;
            now = Now;
            _asked = now;
            if (count > 0)
            {
                _window.Found(now - begin);
                return count;
            }

            if (now - looked > PollWindow.Preemption)
            {
                _window.Preempted();
            }
        }
        while (now - begin < _window.Length && _window.IsOpen && !_stopping);

        if (!Rearm() || _stopping)
        {
            return 0;
        }

        int late = _epoll.Wait(ready, Timeout.Infinite);
        _window.Slept(Now - begin);
        return late;
    }

    private bool TryFindWork([NotNullWhen(true)] out EventRegistration? found)
    {
        for (int look = 0; look < LooksEach; look++)
        {
            lock (_gate)
            {
                for (int i = 0; i < _polled.Count; i++)
                {
                    if (_polled[i].Polled!.HasWork)
                    {
                        (found, _) = TakePolled(i);
                        return true;
                    }
                }
            }

            Thread.SpinWait(SpinsBetween);
        }

        found = null;
        return false;
    }

    /// <summary>Looks at nothing any more.</summary>
    /// <returns>Whether the loop may sleep: no work came in meanwhile.</returns>
    private bool Rearm()
    {
        while (true)
        {
            EventRegistration registration;
            IPolled source;
            lock (_gate)
            {
                if (_polled.Count == 0)
                {
                    return true;
                }

                (registration, source) = TakePolled(0);
            }

            if (source.Rearm())
            {
                // Those that are left are looked at a while longer.
                Call(registration, EpollEvents.None);
                return false;
            }

            registration.Leave();
        }
    }

    // Behind the gate. Its handler has it looked at again, or not.
    private (EventRegistration Registration, IPolled Source) TakePolled(int index)
    {
        EventRegistration registration = _polled[index];
        IPolled source = registration.Polled!;
        _polled.RemoveAt(index);
        registration.Polled = null;
        registration.Enter();
        return (registration, source);
    }
}
