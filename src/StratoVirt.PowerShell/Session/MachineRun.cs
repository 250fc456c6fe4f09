using StratoVirt.Machine;
using StratoVirt.Machine.Lifecycle;

namespace StratoVirt.PowerShell.Session;

/// <summary>One run of a machine in this process. It is kept after its end, for its cause and its console history.</summary>
internal sealed class MachineRun(VirtualMachine machine)
{
    private long _inputMark;

    /// <summary>The machine.</summary>
    public VirtualMachine Machine { get; } = machine;

    /// <summary>Where console output stood when this process last typed something; 0 before it did.</summary>
    public long InputMark => Volatile.Read(ref _inputMark);

    /// <summary>Whether it has ended.</summary>
    public bool Ended => Machine.Status.State == RunState.Shutdown;

    /// <summary>Notes that input is about to be typed: what comes behind this position may answer it.</summary>
    public void MarkInput() => Volatile.Write(ref _inputMark, Machine.Console.Written);
}
