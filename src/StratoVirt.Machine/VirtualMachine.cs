using StratoVirt.Definitions;
using StratoVirt.Definitions.Devices;
using StratoVirt.Definitions.Diagnostics;
using StratoVirt.Definitions.Validation;
using StratoVirt.Linux.Threads;
using StratoVirt.Machine.Building;
using StratoVirt.Machine.Building.Devices;
using StratoVirt.Machine.Lifecycle;
using StratoVirt.Machine.Runtime;

namespace StratoVirt.Machine;

/// <summary>One life of one machine: built, started, perhaps paused and reset, ended once. Safe to use from any
/// thread; verbs return when they are carried out.</summary>
public sealed partial class VirtualMachine : IDisposable
{
    private readonly MicroVm _machine;
    private readonly StateDriver _driver;
    private readonly RuntimeLease? _lease;

    private VirtualMachine(VmDefinition definition, MicroVm machine, VmConsole console, RuntimeLease? lease, MachineEnvironment environment)
    {
        Definition = definition;
        Console = console;
        ControlSocketPath = lease?.ControlSocketPath;
        BaseDirectory = environment.BaseDirectory;
        ThreadGuard = environment.ThreadGuard;
        _machine = machine;
        machine.Happened = happening => EventOccurred?.Invoke(happening);
        _lease = lease;
        _driver = new StateDriver(
            definition.Metadata.Name, machine, status => StatusChanged?.Invoke(status), GiveBack, environment.ThreadGuard);
        machine.Attach(_driver);
    }

    /// <summary>Raised after each change of state, on the machine's own thread: handlers return quickly, call no verb
    /// of the machine and throw nothing.</summary>
    public event Action<MachineStatus>? StatusChanged;

    /// <summary>Raised when something else happens to it, under the same rules.</summary>
    public event Action<MachineEvent>? EventOccurred;

    /// <summary>The definition it was built from.</summary>
    public VmDefinition Definition { get; }

    /// <summary>Its name.</summary>
    public string Name => Definition.Metadata.Name;

    /// <summary>Its present state.</summary>
    public MachineStatus Status => _driver.Status;

    /// <summary>Where its control socket belongs, in its runtime directory; null when it has none. The file is removed
    /// at its end, before its name is free again.</summary>
    public string? ControlSocketPath { get; }

    /// <summary>Against what relative paths of its devices are resolved.</summary>
    public string BaseDirectory { get; }

    /// <summary>Told by threads that serve it what they are for; null where nobody asks.</summary>
    public IThreadGuard? ThreadGuard { get; }

    /// <summary>The serial console.</summary>
    public VmConsole Console { get; }

    /// <summary>The boot marks the guest has written since it was last started or reset, oldest first, the first 64.</summary>
    public IReadOnlyList<BootMark> BootMarks => _machine.BootMarks.ToList();

    /// <summary>Builds a machine. Everything that can be wrong with kernel, memory, host or name is found here; on an
    /// exception nothing is left behind. The machine is in <see cref="RunState.Prelaunch"/>.</summary>
    /// <exception cref="DefinitionException">The definition is not valid.</exception>
    /// <exception cref="MachineException">Host, kernel, initrd or name do not allow it.</exception>
    public static VirtualMachine Create(VmDefinition definition, MachineEnvironment environment)
    {
        ArgumentNullException.ThrowIfNull(definition);
        ArgumentNullException.ThrowIfNull(environment);
        DefinitionValidator.ThrowIfInvalid(definition);
        RuntimeLease? lease = environment.Runtime?.Acquire(definition.Metadata.Name);
        VmConsole? console = null;
        try
        {
            console = VmConsole.Create(definition.Spec.Console, lease, environment.ThreadGuard);
            MicroVm machine = MicroVmBuilder.Build(definition, environment, console.Backend);
            console.Connect(machine.Devices.Serial);
            return new VirtualMachine(definition, machine, console, lease, environment);
        }
        catch
        {
            console?.Close();
            lease?.Dispose();
            throw;
        }
    }

    /// <summary>Lets the vCPUs run for the first time.</summary>
    /// <exception cref="MachineException"><see cref="MachineErrorId.InvalidState"/>.</exception>
    public void Start() => _driver.Execute(MachineVerb.Start);

    /// <summary>Holds all vCPUs; returns when they are held.</summary>
    /// <exception cref="MachineException"><see cref="MachineErrorId.InvalidState"/>.</exception>
    public void Pause() => _driver.Execute(MachineVerb.Pause);

    /// <summary>Lets held vCPUs run again. The guest's clock has gone on meanwhile.</summary>
    /// <exception cref="MachineException"><see cref="MachineErrorId.InvalidState"/>.</exception>
    public void Resume() => _driver.Execute(MachineVerb.Resume);

    /// <summary>Resets the machine as its reset button would; it boots again from the kernel it was built with.</summary>
    /// <exception cref="MachineException"><see cref="MachineErrorId.InvalidState"/>, or what a start can fail with;
    /// then the machine has ended.</exception>
    public void Reset() => _driver.Execute(MachineVerb.Reset);

    /// <summary>Presses the ACPI power button and returns; the guest decides.</summary>
    /// <exception cref="MachineException"><see cref="MachineErrorId.InvalidState"/>: it does not run, or it has no
    /// power button because ACPI is off.</exception>
    public void RequestPowerDown()
    {
        RunState state = Status.State;
        if (state != RunState.Running)
        {
            throw new MachineException(
                MachineErrorId.InvalidState,
                $"Machine '{Name}' is {state.ToQmp()}; only a running guest can be asked to power down.",
                state == RunState.Paused ? "Resume it first, or turn it off." : "Turn it off instead.");
        }

        if (!_machine.HasPowerButton)
        {
            throw new MachineException(
                MachineErrorId.InvalidState,
                $"Machine '{Name}' has no power button, because its definition turns ACPI off.",
                "Power the guest off from inside, or turn the machine off.");
        }

        _machine.Devices.Power.PressPowerButton();
        EventOccurred?.Invoke(new PowerButtonPressed());
    }

    /// <summary>Its devices at this moment: those of the definition, then those added since.</summary>
    public IReadOnlyList<VmDevice> Devices => _machine.DescribeDevices();

    /// <summary>The console behind a port that has no socket, file or pipe; null when there is no such port.</summary>
    public VmConsole? FindConsole(string port) => _machine.FindConsole(port);

    /// <summary>Tells the guest how large the terminal at a console port is.</summary>
    /// <param name="port">The port's name.</param>
    /// <param name="columns">At least 1.</param>
    /// <param name="rows">At least 1.</param>
    /// <returns>False when there is no such port, or it is no console: only consoles have a size.</returns>
    public bool ResizeConsole(string port, ushort columns, ushort rows) => _machine.ResizeConsole(port, columns, rows);

    /// <summary>Adds a device, in prelaunch, running and paused. It takes a PCI slot and keeps it over resets.</summary>
    /// <exception cref="MachineException">The name is taken, there is no slot or no ACPI, something is missing on the
    /// host, or the state does not allow it.</exception>
    public void AddDevice(DeviceSpec device)
    {
        ArgumentNullException.ThrowIfNull(device);
        _driver.Change(() => _machine.AddDevice(device, ends: null));
    }

    /// <summary>Removes a device that was added. A guest that runs is asked for it, and may take its time.</summary>
    /// <param name="device">Its name.</param>
    /// <param name="timeout">How long to wait for the guest; zero asks and returns.</param>
    /// <param name="cancellationToken">Ends the waiting, not the asking.</param>
    /// <returns>Whether it is out. False only with a timeout of zero.</returns>
    /// <exception cref="MachineException">No such device, it is part of the definition, the state does not allow it, or
    /// <see cref="MachineErrorId.Timeout"/>: it leaves when the guest lets go of it.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public bool RemoveDevice(string device, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(device);
        Task? ended = null;
        _driver.Change(() => ended = _machine.RemoveDevice(device));
        if (ended!.IsCompleted || timeout == TimeSpan.Zero)
        {
            return ended.IsCompleted;
        }

        return ended.Wait((int)Math.Min(timeout.TotalMilliseconds, int.MaxValue), cancellationToken)
            ? true
            : throw DeviceFault.NotGivenBack(Name, device, timeout);
    }

    /// <summary>Changes settings of a device while the machine exists: rate limits, a balloon's size, a link, the
    /// length of a disk's image. What differs from the present settings is applied; what cannot change is refused and nothing is.</summary>
    /// <param name="wanted">All its settings. Its name says which device.</param>
    /// <exception cref="MachineException">No such device, a setting that is fixed, something missing on the host, or
    /// the state does not allow it.</exception>
    public void ChangeDevice(DeviceSpec wanted)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        _driver.Change(() => _machine.ChangeDevice(wanted));
    }

    /// <summary>Ends the machine now; returns when everything is given back. Does nothing when it has ended.</summary>
    public void PowerOff() => _driver.Execute(MachineVerb.PowerOff);

    /// <summary>Waits until the status satisfies a condition.</summary>
    /// <returns>The status that satisfied it, or null when the time passed first.</returns>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public MachineStatus? WaitFor(Func<MachineStatus, bool> condition, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(condition);
        return _driver.WaitFor(condition, timeout, cancellationToken);
    }

    /// <summary>Counters at this moment.</summary>
    public MachineMetrics GetMetrics() => _machine.Metrics;

    /// <summary>How much memory the guest has and how much of it the host has given; zeros when the machine has ended.
    /// Looks through this process' mappings: not for every millisecond.</summary>
    /// <exception cref="IOException">The kernel does not show them.</exception>
    public MachineMemory MeasureMemory() => _machine.MeasureMemory();

    /// <summary>Powers off if needed and gives everything back. State, metrics and console history stay readable.</summary>
    public void Dispose() => _driver.Dispose();

    // On the driver's thread, before anybody sees the end: whoever does may start the machine again at once.
    private void GiveBack(MachineStatus last)
    {
        Console.Close();
        if (_lease is null)
        {
            return;
        }

        try
        {
            _lease.RecordEnd(last);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // The directory was taken away, as at the end of a login session, or the disk is full. The machine has
            // ended all the same; its name is given back below.
        }

        _lease.Dispose();
    }
}
