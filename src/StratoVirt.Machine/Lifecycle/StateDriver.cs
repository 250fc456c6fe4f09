using StratoVirt.Linux.Threads;

namespace StratoVirt.Machine.Lifecycle;

/// <summary>
/// The one thread that changes a machine's state. Requests from outside and events from the guest meet here and are
/// carried out one at a time, so no two transitions ever overlap.
/// </summary>
/// <remarks>
/// <code>
///              Start                Pause
///  prelaunch ────────► running ◄──────────► paused
///      │              │  ▲  │      Resume     │
///      │        fault │  │  │ guest shutdown  │
///      │              ▼  │  │                 │
///      │   internal-error│  │                 │
///      │      │  Reset ──┘  │                 │
///      └──────┴─────────────┴───── PowerOff ──┴──► shutdown (final)
/// </code>
/// Reset keeps the state it finds, except that it leads from internal-error back to running.
/// </remarks>
internal sealed class StateDriver : IDisposable
{
    // Deep enough for building a machine again on reset; only touched pages cost memory.
    private const int StackBytes = 512 << 10;

    private readonly object _gate = new();
    private readonly Queue<DriverRequest> _requests = new();
    private readonly IDrivenMachine _machine;
    private readonly Thread _thread;
    private readonly Action<MachineStatus> _changed;
    private readonly Action<MachineStatus>? _ended;
    private readonly IThreadGuard? _guard;
    private GuestEvents _events;
    private bool _hasMended;
    private MachineStatus _status = new(RunState.Prelaunch, DateTimeOffset.UtcNow);

    /// <summary>Takes a machine over.</summary>
    /// <param name="name">Its name, for the thread's.</param>
    /// <param name="machine">The machine.</param>
    /// <param name="changed">Told of each status when it can be seen.</param>
    /// <param name="ended">Told of the last one, with the machine gone, before it can be seen.</param>
    /// <param name="guard">Told by the thread what it is for; null where nobody asks.</param>
    public StateDriver(
        string name,
        IDrivenMachine machine,
        Action<MachineStatus> changed,
        Action<MachineStatus>? ended = null,
        IThreadGuard? guard = null)
    {
        _guard = guard;
        _machine = machine;
        _changed = changed;
        _ended = ended;
        _thread = new Thread(Loop, StackBytes) { Name = $"sv {name}", IsBackground = true };
        _thread.Start();
    }

    /// <summary>The present state.</summary>
    public MachineStatus Status => Volatile.Read(ref _status);

    /// <summary>Carries out a verb and returns when it is done.</summary>
    /// <exception cref="MachineException">The state does not allow it, or it failed.</exception>
    public void Execute(MachineVerb verb)
    {
        using var request = new DriverRequest(verb);
        Execute(request);
    }

    /// <summary>Changes the machine's devices between transitions: in prelaunch, running and paused. What it throws is
    /// thrown here and ends nothing.</summary>
    /// <exception cref="MachineException">The state does not allow it.</exception>
    public void Change(Action change)
    {
        using var request = new DriverRequest(MachineVerb.Change, change);
        Execute(request);
    }

    /// <summary>Asks for a verb or a change and returns at once; the request's own callback tells how it ended.</summary>
    public void Post(DriverRequest request)
    {
        if (!TryEnqueue(request))
        {
            request.Complete(request.Verb == MachineVerb.PowerOff ? null : VerbRefusal.Of(request.Verb, RunState.Shutdown));
        }
    }

    /// <summary>Reports something from a vCPU or device. Returns at once, allocates nothing.</summary>
    public void Report(GuestEvents events)
    {
        lock (_gate)
        {
            _events |= events;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Waits until the status satisfies a condition; null when the time passes first.</summary>
    public MachineStatus? WaitFor(Func<MachineStatus, bool> condition, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using CancellationTokenRegistration registration = cancellationToken.Register(Pulse);
        long deadline = timeout == Timeout.InfiniteTimeSpan ? long.MaxValue : Environment.TickCount64 + (long)timeout.TotalMilliseconds;
        lock (_gate)
        {
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                MachineStatus status = _status;
                if (condition(status))
                {
                    return status;
                }

                long left = deadline - Environment.TickCount64;
                if (left <= 0)
                {
                    return null;
                }

                Monitor.Wait(_gate, (int)Math.Min(left, int.MaxValue));
            }
        }
    }

    /// <summary>Powers the machine off and waits for the driver's thread to end.</summary>
    public void Dispose()
    {
        Execute(MachineVerb.PowerOff);
        if (Thread.CurrentThread != _thread)
        {
            _thread.Join();
        }
    }

    private void Execute(DriverRequest request)
    {
        if (TryEnqueue(request))
        {
            request.Wait();
        }
        else if (request.Verb != MachineVerb.PowerOff)
        {
            throw VerbRefusal.Of(request.Verb, RunState.Shutdown);
        }
    }

    /// <summary>False when the machine has ended.</summary>
    private bool TryEnqueue(DriverRequest request)
    {
        lock (_gate)
        {
            if (_status.State == RunState.Shutdown)
            {
                return false;
            }

            _requests.Enqueue(request);
            Monitor.PulseAll(_gate);
            return true;
        }
    }

    private void Pulse()
    {
        lock (_gate)
        {
            Monitor.PulseAll(_gate);
        }
    }

    private void Loop()
    {
        _guard?.Enter(ThreadRole.Control);
        while (_status.State != RunState.Shutdown)
        {
            (GuestEvents events, DriverRequest? request) = Next();
            try
            {
                if (events != GuestEvents.None)
                {
                    HandleEvents(events);
                }
                else if (request!.Verb == MachineVerb.Change)
                {
                    CarryOut(request);
                    continue;
                }
                else
                {
                    Handle(request.Verb);
                }

                request?.Complete();
            }
            catch (MachineException refusal) when (refusal.Id == MachineErrorId.InvalidState)
            {
                request?.Complete(refusal);
            }
            catch (Exception failure) when (failure is MachineException or IOException or InvalidOperationException or OutOfMemoryException)
            {
                End(ShutdownCause.HostError, failure);
                request?.Complete(failure);
            }
        }

        RefuseTheRest();
    }

    private (GuestEvents Events, DriverRequest? Request) Next()
    {
        lock (_gate)
        {
            while (true)
            {
                if (_events != GuestEvents.None)
                {
                    GuestEvents events = _events;
                    _events = GuestEvents.None;
                    return (events, null);
                }

                if (_requests.TryDequeue(out DriverRequest? request))
                {
                    return (GuestEvents.None, request);
                }

                Monitor.Wait(_gate);
            }
        }
    }

    private void CarryOut(DriverRequest request)
    {
        if (_status.State is not (RunState.Prelaunch or RunState.Running or RunState.Paused))
        {
            request.Complete(VerbRefusal.Of(request.Verb, _status.State));
            return;
        }

        try
        {
            request.Change!();
            request.Complete();
        }
#pragma warning disable CA1031 // Handed over to whoever asked; the machine is as it was.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            request.Complete(failure);
        }
    }

    private void Handle(MachineVerb verb)
    {
        RunState state = _status.State;
        switch (verb, state)
        {
            case (MachineVerb.Start, RunState.Prelaunch):
                // The state comes first: a guest may end before the vCPUs' release has returned.
                Enter(_status with { State = RunState.Running, StartedAt = DateTimeOffset.UtcNow });
                _machine.ReleaseVcpus();
                break;
            case (MachineVerb.Pause, RunState.Running):
                _machine.HoldVcpus();
                _machine.PauseDevices();
                Enter(_status with { State = RunState.Paused });
                break;
            case (MachineVerb.Pause, RunState.Paused) or (MachineVerb.Resume, RunState.Running):
                break;
            case (MachineVerb.Resume, RunState.Paused):
                Enter(_status with { State = RunState.Running });
                _machine.ResumeDevices();
                _machine.ReleaseVcpus();
                break;
            case (MachineVerb.Reset, RunState.Running or RunState.Paused or RunState.InternalError):
                Reset(state == RunState.Paused ? RunState.Paused : RunState.Running, ResetCause.HostRequest);
                break;
            case (MachineVerb.PowerOff, _):
                End(ShutdownCause.HostRequest, null);
                break;
            default:
                throw VerbRefusal.Of(verb, state);
        }
    }

    private void HandleEvents(GuestEvents events)
    {
        if (events.HasFlag(GuestEvents.MemoryFileChanged))
        {
            _hasMended |= _machine.TryMendMemory();
        }

        if (events.HasFlag(GuestEvents.HostFailed))
        {
            _machine.ReportFailures();
        }

        // An event of the guest's that was on its way while the machine was held or reset from outside is out of date.
        if (_status.State is not (RunState.Running or RunState.Paused))
        {
            return;
        }

        if (events.HasFlag(GuestEvents.Ejected))
        {
            _machine.RemoveEjected();
        }

        if (events.HasFlag(GuestEvents.Ballooned))
        {
            _machine.ReportBalloon();
        }

        if (events.HasFlag(GuestEvents.Shutdown))
        {
            End(ShutdownCause.GuestShutdown, null);
        }
        else if (events.HasFlag(GuestEvents.Fault) && _machine.TakeFault() is { } fault)
        {
            Stop(fault);
        }
        else if (events.HasFlag(GuestEvents.Reset))
        {
            Reset(_status.State, ResetCause.Guest);
        }
    }

    private void Stop(VcpuFault fault)
    {
        _machine.HoldVcpus();
        bool isExcused = fault.IsLostPage && (_machine.TryMendMemory() | _hasMended);
        _hasMended = false;

        // A file behind guest memory was cut, and the vCPU got there before it was mended. Others may have, too; what else
        // one has met counts. Each mending excuses once: a page that is missing then is missing for good.
        if (isExcused && _machine.TakeFault() is { IsLostPage: false } another)
        {
            (isExcused, fault) = (false, another);
        }

        if (!isExcused)
        {
            _machine.PauseDevices();
            Enter(_status with { State = RunState.InternalError, Fault = fault });
        }
        else if (_status.State == RunState.Running)
        {
            _machine.ReleaseVcpus();
        }
    }

    private void Reset(RunState next, ResetCause cause)
    {
        _machine.HoldVcpus();
        _machine.ResetHeld();
        lock (_gate)
        {
            _events = GuestEvents.None;
        }

        Enter(_status with { State = next, Fault = null, Resets = _status.Resets + 1, LastReset = cause });
        if (next == RunState.Running)
        {
            // After a fault they are paused.
            _machine.ResumeDevices();
            _machine.ReleaseVcpus();
        }
    }

    private void End(ShutdownCause cause, Exception? error)
    {
        _machine.Dispose();
        MachineStatus last = _status with { State = RunState.Shutdown, Cause = cause, Error = error };
        _ended?.Invoke(last with { Since = DateTimeOffset.UtcNow });
        Enter(last);
    }

    private void Enter(MachineStatus status)
    {
        status = status with { Since = DateTimeOffset.UtcNow };
        lock (_gate)
        {
            _status = status;
            Monitor.PulseAll(_gate);
        }

        _changed(status);
    }

    private void RefuseTheRest()
    {
        lock (_gate)
        {
            while (_requests.TryDequeue(out DriverRequest? request))
            {
                request.Complete(request.Verb == MachineVerb.PowerOff ? null : VerbRefusal.Of(request.Verb, RunState.Shutdown));
            }
        }
    }
}
