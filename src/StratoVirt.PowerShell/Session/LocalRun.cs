using StratoVirt.Definitions;
using StratoVirt.Definitions.Devices;
using StratoVirt.Machine;
using StratoVirt.Machine.Lifecycle;
using StratoVirt.PowerShell.Consoles;

namespace StratoVirt.PowerShell.Session;

/// <summary>One run of a machine in this process. It is kept after its end, for its cause and its console history.</summary>
internal sealed class LocalRun(VirtualMachine machine) : MachineRun
{
    /// <summary>The machine.</summary>
    public VirtualMachine Machine { get; } = machine;

    /// <inheritdoc/>
    public override string Name => Machine.Name;

    /// <inheritdoc/>
    public override VmDefinition Definition => Machine.Definition;

    /// <inheritdoc/>
    public override MachineStatus Status => Machine.Status;

    /// <inheritdoc/>
    public override ILiveConsole Console { get; } = new LiveConsole(machine.Console);

    /// <inheritdoc/>
    public override IReadOnlyList<BootMark> BootMarks => Machine.BootMarks;

    /// <inheritdoc/>
    public override MachineMetrics Metrics => Machine.GetMetrics();

    /// <inheritdoc/>
    public override IReadOnlyList<LiveDevice> Devices => [.. Machine.Devices.Select(LiveDevice.Of)];

    /// <inheritdoc/>
    public override void Pause() => Machine.Pause();

    /// <inheritdoc/>
    public override void Resume() => Machine.Resume();

    /// <inheritdoc/>
    public override void Reset() => Machine.Reset();

    /// <inheritdoc/>
    public override void RequestPowerDown() => Machine.RequestPowerDown();

    /// <inheritdoc/>
    public override void PowerOff() => Machine.PowerOff();

    /// <inheritdoc/>
    public override void AddDevice(DeviceSpec device) => Machine.AddDevice(device);

    /// <inheritdoc/>
    public override bool RemoveDevice(string device, TimeSpan timeout, CancellationToken cancellationToken) =>
        Machine.RemoveDevice(device, timeout, cancellationToken);

    /// <inheritdoc/>
    public override void ChangeDevice(DeviceSpec wanted) => Machine.ChangeDevice(wanted);

    /// <inheritdoc/>
    public override ILiveConsole? FindPort(string port) =>
        Machine.FindConsole(port) is { } console ? new LiveConsole(console) : null;

    /// <inheritdoc/>
    public override void ResizePort(string port, ushort columns, ushort rows) => Machine.ResizeConsole(port, columns, rows);

    /// <inheritdoc/>
    public override MachineStatus? WaitFor(
        Func<MachineStatus, bool> condition, TimeSpan timeout, CancellationToken cancellationToken = default) =>
        Machine.WaitFor(condition, timeout, cancellationToken);

    /// <inheritdoc/>
    public override RunMemory MeasureMemory(MemoryRound round)
    {
        MachineMemory memory = round.MemoryOf(this);
        return new RunMemory(memory.Configured, memory.Resident, round.OwnResident);
    }
}
