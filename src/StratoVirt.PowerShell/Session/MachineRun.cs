using StratoVirt.Definitions;
using StratoVirt.Definitions.Devices;
using StratoVirt.Machine;
using StratoVirt.Machine.Lifecycle;
using StratoVirt.PowerShell.Consoles;

namespace StratoVirt.PowerShell.Session;

/// <summary>One run of a machine as this session sees it: in this process, or behind the control socket of another.</summary>
internal abstract class MachineRun
{
    private long _inputMark;

    /// <summary>The machine's name.</summary>
    public abstract string Name { get; }

    /// <summary>What it was built from.</summary>
    public abstract VmDefinition Definition { get; }

    /// <summary>Its present state.</summary>
    public abstract MachineStatus Status { get; }

    /// <summary>Its serial console.</summary>
    public abstract ILiveConsole Console { get; }

    /// <summary>The boot marks its guest has written, oldest first.</summary>
    public abstract IReadOnlyList<BootMark> BootMarks { get; }

    /// <summary>Its vCPUs' counters at this moment.</summary>
    public abstract MachineMetrics Metrics { get; }

    /// <summary>Its devices at this moment: those of the definition, then those added since.</summary>
    public abstract IReadOnlyList<LiveDevice> Devices { get; }

    /// <summary>Where console output stood when this process last typed something; 0 before it did.</summary>
    public long InputMark => Volatile.Read(ref _inputMark);

    /// <summary>Whether it has ended.</summary>
    public bool Ended => Status.State == RunState.Shutdown;

    /// <summary>Notes that input is about to be typed: what comes behind this position may answer it.</summary>
    public void MarkInput() => Volatile.Write(ref _inputMark, Console.Written);

    /// <summary>Holds the vCPUs.</summary>
    public abstract void Pause();

    /// <summary>Lets held vCPUs run again.</summary>
    public abstract void Resume();

    /// <summary>Resets it as its reset button would.</summary>
    public abstract void Reset();

    /// <summary>Presses the power button and returns.</summary>
    public abstract void RequestPowerDown();

    /// <summary>Ends it now; returns when it has ended.</summary>
    public abstract void PowerOff();

    /// <summary>Adds a device.</summary>
    public abstract void AddDevice(DeviceSpec device);

    /// <summary>Removes a device, waiting for the guest at most <paramref name="timeout"/>; zero asks and returns.</summary>
    /// <returns>Whether it is out.</returns>
    public abstract bool RemoveDevice(string device, TimeSpan timeout, CancellationToken cancellationToken);

    /// <summary>Changes settings of a device.</summary>
    public abstract void ChangeDevice(DeviceSpec wanted);

    /// <summary>The console behind a port that has no socket, file or pipe; null when there is no such port.</summary>
    public abstract ILiveConsole? FindPort(string port);

    /// <summary>Tells the guest how large the terminal at a console port is; ports that are no consoles have no size.</summary>
    public abstract void ResizePort(string port, ushort columns, ushort rows);

    /// <summary>Waits until the status satisfies a condition; null when the time passed first.</summary>
    public abstract MachineStatus? WaitFor(
        Func<MachineStatus, bool> condition, TimeSpan timeout, CancellationToken cancellationToken = default);

    /// <summary>The memory of its guest and of the process it is in.</summary>
    /// <param name="round">The look at this process that all its machines share.</param>
    public abstract RunMemory MeasureMemory(MemoryRound round);
}
