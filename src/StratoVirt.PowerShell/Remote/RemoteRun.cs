using System.Diagnostics;
using StratoVirt.Definitions;
using StratoVirt.Definitions.Devices;
using StratoVirt.Definitions.Json;
using StratoVirt.Machine;
using StratoVirt.Machine.Lifecycle;
using StratoVirt.PowerShell.Consoles;
using StratoVirt.PowerShell.Session;
using StratoVirt.Qmp.Commands;
using StratoVirt.Qmp.Vendor;

namespace StratoVirt.PowerShell.Remote;

/// <summary>A machine that another process runs, driven over its control socket.</summary>
/// <param name="definition">The definition in the store.</param>
/// <param name="baseDirectory">Against what relative paths of the definition are resolved.</param>
/// <param name="socketPath">The control socket.</param>
/// <param name="lastStatus">How it ended, once its process is gone.</param>
internal sealed class RemoteRun(VmDefinition definition, string baseDirectory, string socketPath, Func<MachineStatus> lastStatus)
    : MachineRun, IDisposable
{
    /// <summary>How long an answer may take that the machine has at hand.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>How long a change of state may take: a reset loads the kernel again.</summary>
    private static readonly TimeSpan WorkPatience = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(250);

    private readonly ControlChannel _commands = new(definition.Metadata.Name, socketPath);
    private readonly ControlChannel _events = new(definition.Metadata.Name, socketPath);
    private readonly RemoteConsole _console = new(definition.Metadata.Name, socketPath, null, Patience);

    private VmDefinition? _started;

    /// <inheritdoc/>
    public override string Name => definition.Metadata.Name;

    /// <inheritdoc/>
    public override VmDefinition Definition =>
        _started ??= DefinitionJson.Deserialize(Execute(VendorCommands.Definition, Patience).GetRawText());

    /// <inheritdoc/>
    public override MachineStatus Status => QueryStatus() is { } status ? RemoteStatus.Read(status) : lastStatus();

    /// <inheritdoc/>
    public override ILiveConsole Console => _console;

    /// <inheritdoc/>
    public override IReadOnlyList<BootMark> BootMarks => QueryStatus() is { } status
        ? [.. status.BootMarks.Select(mark => new BootMark((byte)mark.Code, TimeSpan.FromTicks(mark.Ticks)))]
        : [];

    /// <inheritdoc/>
    public override MachineMetrics Metrics => new(
        [.. Execute(VendorCommands.Metrics, Patience).Vcpus.Select(v => new VcpuMetrics(v.Pio, v.Mmio, v.Interrupted, v.Other))]);

    /// <inheritdoc/>
    public override IReadOnlyList<LiveDevice> Devices => [.. Execute(VendorCommands.Devices, Patience).Select(Read)];

    /// <inheritdoc/>
    public override void Pause() => Execute(LifecycleCommands.Stop, WorkPatience);

    /// <inheritdoc/>
    public override void Resume() => Execute(LifecycleCommands.Continue, WorkPatience);

    /// <inheritdoc/>
    public override void Reset() => Execute(LifecycleCommands.SystemReset, WorkPatience);

    /// <inheritdoc/>
    public override void RequestPowerDown() => Execute(LifecycleCommands.SystemPowerdown, Patience);

    /// <inheritdoc/>
    public override void PowerOff()
    {
        try
        {
            Execute(LifecycleCommands.Quit, WorkPatience);
            WaitFor(status => status.State == RunState.Shutdown, WorkPatience);
        }
        catch (MachineException gone) when (gone.Id == MachineErrorId.ControlUnreachable)
        {
            // It ended meanwhile, which is what was asked for.
        }
    }

    /// <inheritdoc/>
    public override void AddDevice(DeviceSpec device)
    {
        // Opened here, with the rights of this session: the machine's process has given up most of its own.
        // What has no name, such as a port without an end, is made there.
        using HostEnds ends = HostEnds.Open(device, baseDirectory);
        try
        {
            _commands.Execute(VendorCommands.DeviceAdd, Write(device, ends.Mtu), WorkPatience, ends.Descriptors);
        }
        catch
        {
            ends.Dispose();
            HostEnds.RemoveSocket(device, baseDirectory);
            throw;
        }
    }

    /// <inheritdoc/>
    public override bool RemoveDevice(string device, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        DeviceSpec? removed = Devices.FirstOrDefault(present => IsNamed(present, device))?.Spec;
        _commands.Execute(
            VendorCommands.DeviceRemove, new VendorDeviceName { Name = device }, WorkPatience, cancellationToken: cancellationToken);
        while (Devices.Any(present => IsNamed(present, device)))
        {
            TimeSpan left = timeout - clock.Elapsed;
            if (timeout == TimeSpan.Zero)
            {
                return false;
            }

            if (left <= TimeSpan.Zero)
            {
                throw new MachineException(
                    MachineErrorId.Timeout,
                    $"The guest of machine '{Name}' did not give device '{device}' back within {timeout.TotalSeconds:0.#} s.",
                    "It leaves when the guest lets go of it; see in the guest what uses it.");
            }

            _events.AwaitEvent(left < Slice ? left : Slice, cancellationToken);
        }

        if (removed is not null)
        {
            HostEnds.RemoveSocket(removed, baseDirectory);
        }

        return true;
    }

    /// <inheritdoc/>
    public override void ChangeDevice(DeviceSpec wanted) => _commands.Execute(VendorCommands.DeviceChange, Write(wanted), WorkPatience);

    /// <inheritdoc/>
    public override ILiveConsole? FindPort(string port) =>
        Devices.Any(device => device.Spec is ConsolePortSpec { Socket: null, File: null, Pipe: null } && device.Spec.Name.Equals(port, StringComparison.OrdinalIgnoreCase))
            ? new RemoteConsole(Name, socketPath, port, Patience)
            : null;

    /// <inheritdoc/>
    public override void ResizePort(string port, ushort columns, ushort rows) => _commands.Execute(
        VendorCommands.ConsoleResize, new ConsoleResizeArguments { Port = port, Columns = columns, Rows = rows }, Patience);

    /// <inheritdoc/>
    public override MachineStatus? WaitFor(
        Func<MachineStatus, bool> condition, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            MachineStatus status = Status;
            if (condition(status))
            {
                return status;
            }

            TimeSpan left = timeout == Timeout.InfiniteTimeSpan ? Slice : timeout - clock.Elapsed;
            if (left <= TimeSpan.Zero || status.State == RunState.Shutdown)
            {
                return null;
            }

            try
            {
                _events.AwaitEvent(left < Slice ? left : Slice, cancellationToken);
            }
            catch (MachineException gone) when (gone.Id == MachineErrorId.ControlUnreachable)
            {
                // The process has ended; the next look says how.
            }
        }
    }

    /// <inheritdoc/>
    public override RunMemory MeasureMemory(MemoryRound round)
    {
        VendorMetrics metrics = Execute(VendorCommands.Metrics, Patience);
        return new RunMemory(metrics.GuestMemory, metrics.GuestResident, metrics.ProcessResident);
    }

    /// <summary>Closes its connections.</summary>
    public void Dispose()
    {
        _commands.Dispose();
        _events.Dispose();
        _console.Dispose();
    }

    private TResult Execute<TResult>(QmpCommand<QmpNothing, TResult> command, TimeSpan timeout) =>
        _commands.Execute(command, new QmpNothing(), timeout);

    private VendorStatus? QueryStatus()
    {
        try
        {
            return Execute(VendorCommands.Status, Patience);
        }
        catch (MachineException gone) when (gone.Id == MachineErrorId.ControlUnreachable)
        {
            return null;
        }
    }

    private static bool IsNamed(LiveDevice device, string name) => device.Spec.Name.Equals(name, StringComparison.OrdinalIgnoreCase);

    private LiveDevice Read(VendorDevice device) => new(
        DeviceJson.Deserialize(device.Kind, device.Spec, Definition),
        Enum.Parse<StratoDeviceState>(device.State, ignoreCase: true),
        device.Bus,
        device.Address,
        device.Fault,
        DeviceFacts.Metrics(device.Counters));

    private static VendorDeviceSpec Write(DeviceSpec device, int? mtu = null) =>
        new() { Kind = DeviceJson.KindOf(device), Spec = DeviceJson.Serialize(device), Mtu = mtu };
}
