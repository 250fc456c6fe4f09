using System.Diagnostics;
using StratoVirt.Control;
using StratoVirt.Host.Containment;
using StratoVirt.Host.Serial;
using StratoVirt.Linux;
using StratoVirt.Linux.Handles;
using StratoVirt.Linux.Processes;
using StratoVirt.Linux.Threads;
using StratoVirt.Machine;
using StratoVirt.Machine.Boot;
using StratoVirt.Machine.Detached;
using StratoVirt.Machine.Jail;
using StratoVirt.Machine.Lifecycle;
using StratoVirt.Machine.Runtime;

namespace StratoVirt.Host;

/// <summary>
/// One machine and the process that is there for it. <see cref="Create"/> sets up all that needs rights and names of
/// the host, <see cref="Start"/> lets the guest run, <see cref="RunToTheEnd"/> returns when the machine has ended.
/// </summary>
internal sealed class MachineHost : IDisposable
{
    // Long enough for a guest with services to stop, and shorter than systemd's patience with one of its own (90 s).
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan LongTime = TimeSpan.FromDays(1);

    // What a guest's start needs of this program it needs for moments, and so does a client. So what is not needed any
    // more goes back a little later, and then in case that was too early.
    private static readonly TimeSpan FirstQuiet = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan LongestQuiet = TimeSpan.FromSeconds(60);
    private const int QuietGrowth = 10;

    private readonly HostOrder _order;
    private readonly VirtualMachine _machine;
    private readonly HostContainment? _containment;
    private readonly int _thread = NativeThread.CurrentId;
    private IReadOnlyList<ProgramPages> _program = [];
    private SerialLink? _serial;
    private ControlServer? _control;
    private bool _clientsLeft;

    private MachineHost(HostOrder order, VirtualMachine machine, HostContainment? containment)
    {
        _order = order;
        _machine = machine;
        _containment = containment;
    }

    /// <summary>The machine's serial console.</summary>
    public VmConsole Console => _machine.Console;

    /// <summary>To be told by each thread that serves the machine; null in a process that is not contained.</summary>
    public IThreadGuard? Guard => _containment;

    /// <summary>Builds the machine of an order.</summary>
    /// <param name="order">The order.</param>
    /// <param name="kernel">The kernel, opened by somebody else; null opens the definition's.</param>
    /// <exception cref="MachineException">Host, kernel, devices or name do not allow it.</exception>
    public static MachineHost Create(HostOrder order, OpenKernel? kernel)
    {
        ProcessSignals.Block();

        // A helper of a device lives as long as the machine: with the answer's end in its hands, whoever waits for the
        // answer would wait as long.
        InheritedDescriptors.KeepFromPrograms(HostOrder.AnswerDescriptor, HostOrder.Descriptor, HostOrder.KernelDescriptor);
        var runtime = new RuntimeDirectory(order.RuntimeRoot, order.StoreHome)
        {
            Kind = OwnerKind.Detached,
            Identity = order.Inside,
        };
        HostContainment? containment = order.Contained
            ? new HostContainment(runtime, order.Definition.Metadata.Name, order.Inside?.User)
            : null;
        var environment = new MachineEnvironment
        {
            Runtime = runtime,
            ThreadGuard = containment,
            Kernel = kernel,
            Ends = TakeEnds(order.Ends),
            BaseDirectory = order.BaseDirectory,
        };
        return new MachineHost(order, VirtualMachine.Create(order.Definition, environment), containment);
    }

    /// <summary>Lets the guest run, unless it was ordered paused.</summary>
    /// <exception cref="MachineException">The machine has ended already.</exception>
    /// <exception cref="LinuxException">A file that was asked for cannot be written.</exception>
    public void Start()
    {
        _machine.StatusChanged += status =>
        {
            HostLog.Write(Describe(status));
            if (HasEnded(status))
            {
                _ = ThreadKick.Send(_thread);
            }
        };
        if (_order.SerialFile is { } file)
        {
            _serial = SerialLink.Open(new SerialTarget(SerialTargetKind.File, file), _machine.Console, Guard);
        }

        if (_order.PidFile is { } pid)
        {
            PidFile.Write(pid);
        }

        Serve();
        Contain();
        if (!_order.Paused)
        {
            _machine.Start();
        }
    }

    /// <summary>Waits for the machine's end. SIGTERM and SIGINT press the power button; a guest that has not shut down
    /// when its time is over, or when the signal comes again, is turned off.</summary>
    /// <returns>The process's exit code.</returns>
    public int RunToTheEnd()
    {
        Footprint.Shrink(_program);
        TimeSpan quiet = FirstQuiet;

        // The end is looked for before each wait; it wakes the wait that it comes after.
        while (!HasEnded(_machine.Status) && !ProcessSignals.AwaitRequest(quiet))
        {
            if (Interlocked.Exchange(ref _clientsLeft, false))
            {
                quiet = FirstQuiet;
            }
            else if (quiet < LongTime)
            {
                Footprint.Shrink(_program);
                quiet = quiet * QuietGrowth <= LongestQuiet ? quiet * QuietGrowth : LongTime;
            }
        }

        if (!HasEnded(_machine.Status))
        {
            PressPowerButton();
            if (IsAskedAgain(Grace))
            {
                HostLog.Write("Told to end again: turning the machine off.");
            }
        }

        _machine.PowerOff();
        return _machine.Status.Cause == ShutdownCause.HostError ? ExitCode.Failed : ExitCode.Ended;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _machine.Dispose();
        _control?.Dispose();
        _serial?.Dispose();
        _containment?.Dispose();
        if (_order.PidFile is { } pid)
        {
            PidFile.Delete(pid);
        }
    }

    private static Dictionary<string, HostEnds> TakeEnds(IReadOnlyList<JailEnd> ends)
    {
        var taken = new Dictionary<string, HostEnds>();
        for (int i = 0; i < ends.Count;)
        {
            (string device, int? mtu) = (ends[i].Device, ends[i].Mtu);
            var descriptors = new List<FileDescriptor>();
            for (; i < ends.Count && ends[i].Device == device; i++)
            {
                descriptors.Add(new FileDescriptor(ends[i].Descriptor));
            }

            taken.Add(device, new HostEnds(descriptors) { Mtu = mtu });
        }

        return taken;
    }

    // From before the first instruction on, so that whoever comes first misses nothing.
    private void Serve()
    {
        if (_machine.ControlSocketPath is not { } socket)
        {
            return;
        }

        _control = ControlServer.Start(_machine, socket, mistake => HostLog.Write($"The control socket met {mistake}"));
        _control.LastClientLeft += () =>
        {
            Volatile.Write(ref _clientsLeft, true);
            _ = ThreadKick.Send(_thread);
        };
        foreach (string further in _order.ControlSockets)
        {
            _control.Listen(further);
        }
    }

    // The last moment before the guest can do anything.
    private void Contain()
    {
        _program = Footprint.FindProgram();
        FinalizerThread.Run(() =>
        {
            ProcessSignals.Block();
            _containment?.Enter(ThreadRole.Runtime);
        });
        _containment?.Complete();
    }

    // A client who leaves wakes the wait too, and takes nothing of the guest's time.
    private bool IsAskedAgain(TimeSpan time)
    {
        var clock = Stopwatch.StartNew();
        while (!HasEnded(_machine.Status) && clock.Elapsed < time)
        {
            if (ProcessSignals.AwaitRequest(time - clock.Elapsed))
            {
                return true;
            }
        }

        return false;
    }

    private static bool HasEnded(MachineStatus status) => status.State == RunState.Shutdown;

    private void PressPowerButton()
    {
        HostLog.Write($"Told to end: pressing the power button, {Grace.TotalSeconds:0} s for the guest to shut down.");
        try
        {
            if (_machine.Status.State == RunState.Paused)
            {
                _machine.Resume();
            }

            _machine.RequestPowerDown();
        }
        catch (MachineException refused) when (refused.Id == MachineErrorId.InvalidState)
        {
            // Nobody is there to answer the button, so nobody is waited for.
            HostLog.Write($"{refused.Message} Turning it off.");
            _machine.PowerOff();
        }
    }

    private static string Describe(MachineStatus status)
    {
        string cause = status.Cause == ShutdownCause.None ? "" : $", {status.Cause.ToQmp()}";
        string? problem = status.Error?.Message ?? status.Fault?.Reason;
        return $"{status.State.ToQmp()}{cause}{(problem is null ? "" : $": {problem}")}";
    }
}
