using StratoVirt.Kvm;
using StratoVirt.Linux.Threads;
using StratoVirt.Machine.Lifecycle;
using StratoVirt.Machine.Vcpu.X64;

namespace StratoVirt.Machine.Vcpu;

/// <summary>
/// One vCPU and the thread that runs it. The thread is either held (parked, its vCPU's state complete and readable by
/// others) or running (inside <c>KVM_RUN</c> or handling an exit). Others ask for a hold by a kick: a flag that makes
/// the next <c>KVM_RUN</c> return at once, and a signal that makes the present one return.
/// </summary>
internal sealed class VcpuThread : IDisposable
{
    // Exit handling nests a few frames and allocates nothing on the stack worth naming; only touched pages cost.
    private const int StackBytes = 256 << 10;

    private readonly object _gate = new();
    private readonly KvmVcpu _vcpu;
    private readonly ExitDispatcher _dispatcher;
    private readonly Action<VcpuFault> _faulted;
    private readonly IThreadGuard? _guard;
    private readonly Thread _thread;
    private volatile Request _request = Request.Hold;
    private bool _held;
    private bool _ended;
    private int _threadId;

    public VcpuThread(KvmPlan plan, int index, KvmVcpu vcpu)
    {
        Index = index;
        _vcpu = vcpu;
        _dispatcher = plan.Dispatchers[index];
        _faulted = plan.Faulted;
        _guard = plan.Guard;
        _thread = new Thread(Main, StackBytes) { Name = $"vcpu{index} {plan.Name}", IsBackground = true };
        _thread.Start();
    }

    private enum Request
    {
        Hold,
        Run,
        End,
    }

    /// <summary>The vCPU's number, which is its APIC id.</summary>
    public int Index { get; }

    /// <summary>The kernel's id of the thread; 0 before it has begun.</summary>
    public int ThreadId => Volatile.Read(ref _threadId);

    /// <summary>Lets a held vCPU run.</summary>
    public void Release() => Ask(Request.Run);

    /// <summary>Asks for a hold without waiting, so that many vCPUs can be stopped at once.</summary>
    public void BeginHold() => Ask(Request.Hold);

    /// <summary>Waits until the vCPU is held.</summary>
    public void AwaitHeld()
    {
        lock (_gate)
        {
            while (!_held && !_ended)
            {
                Monitor.Wait(_gate);
            }
        }
    }

    /// <summary>With the vCPU held: says that the pause was no lockup (<c>KVM_KVMCLOCK_CTRL</c>).</summary>
    public void NoteResumed() => _vcpu.TryMarkPaused();

    /// <summary>Asks the thread to end, without waiting.</summary>
    public void BeginEnd() => Ask(Request.End);

    /// <summary>Ends the thread and closes the vCPU.</summary>
    public void Dispose()
    {
        BeginEnd();
        _thread.Join();
        _vcpu.Dispose();
    }

    private void Ask(Request request)
    {
        lock (_gate)
        {
            // An end is final: a late release must not let the vCPU run again.
            if (_request != Request.End)
            {
                _request = request;
            }

            if (request != Request.Run && !_held && !_ended)
            {
                _vcpu.Kick();
            }

            Monitor.PulseAll(_gate);
        }
    }

    private void Main()
    {
        _vcpu.BindToCurrentThread();
        Volatile.Write(ref _threadId, NativeThread.CurrentId);
        _guard?.Enter(ThreadRole.Vcpu);
        while (Park())
        {
            RunUntilKicked();
        }

        _vcpu.Unbind();
        lock (_gate)
        {
            _ended = true;
            Monitor.PulseAll(_gate);
        }
    }

    private bool Park()
    {
        lock (_gate)
        {
            _held = true;
            Monitor.PulseAll(_gate);
            while (_request == Request.Hold)
            {
                Monitor.Wait(_gate);
            }

            _held = false;
            return _request == Request.Run;
        }
    }

    private void RunUntilKicked()
    {
        while (true)
        {
            VcpuExit exit = _vcpu.Run();
            if (exit.Kind == VcpuExitKind.Interrupted)
            {
                // The exit before this one, if it was a read, has been completed on the way: the state is whole.
                _dispatcher.CountInterrupted();
                if (_request != Request.Run)
                {
                    return;
                }
            }
            else if (!_dispatcher.Handle(exit))
            {
                HoldAfterFault(FaultReader.Read(_vcpu, exit, _dispatcher.Memory));
                return;
            }
        }
    }

    private void HoldAfterFault(VcpuFault fault)
    {
        lock (_gate)
        {
            if (_request == Request.Run)
            {
                _request = Request.Hold;
            }
        }

        _faulted(fault);
    }
}
