using StratoVirt.Machine;

namespace StratoVirt.PowerShell.Session;

/// <summary>
/// Watches one machine's state for those who subscribed to it, from a thread of its own, wherever the machine runs and
/// through its starts and ends. States that come and go between two looks can be missed; the last one never is.
/// </summary>
internal sealed class StateWatch : IDisposable
{
    private static readonly TimeSpan Slice = TimeSpan.FromSeconds(1);

    // Nobody tells when a machine that does not run is started, perhaps by another process.
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(100);

    private readonly CancellationTokenSource _over = new();
    private readonly StratoVm _vm;
    private readonly Action<StratoVmStateChangedEventArgs> _changed;

    /// <summary>Begins with the present state, of which nobody is told.</summary>
    public StateWatch(StratoVm vm, Action<StratoVmStateChangedEventArgs> changed)
    {
        _vm = vm;
        _changed = changed;
        StratoVmState first = vm.State;
        CancellationToken over = _over.Token;
        new Thread(() => Watch(first, over)) { IsBackground = true, Name = $"watch {vm.Name}" }.Start();
    }

    /// <summary>Ends the watch; a handler that is running goes on to its end.</summary>
    public void Dispose() => _over.Cancel();

    private void Watch(StratoVmState seen, CancellationToken over)
    {
        try
        {
            while (!over.IsCancellationRequested)
            {
                StratoVmState now = Look(seen);
                if (now != seen)
                {
                    StratoVmState before = seen;
                    seen = now;
                    _changed(new StratoVmStateChangedEventArgs(_vm, before, now));
                }

                Await(now, over);
            }
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            // Nobody listens any more.
        }
        finally
        {
            _over.Dispose();
        }
    }

    // A process that does not answer, or a runtime directory that is being changed, leaves the state as it was seen.
    private StratoVmState Look(StratoVmState seen)
    {
        try
        {
            return _vm.State;
        }
        catch (MachineException)
        {
            return seen;
        }
    }

    private void Await(StratoVmState seen, CancellationToken over)
    {
        try
        {
            if (_vm.Run is { Ended: false } run)
            {
                run.WaitFor(status => VmStates.From(status.State) != seen, Slice, over);
                return;
            }
        }
        catch (MachineException)
        {
            // As above.
        }

        if (over.WaitHandle.WaitOne(LookAgain))
        {
            over.ThrowIfCancellationRequested();
        }
    }
}
