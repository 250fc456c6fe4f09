using StratoVirt.Backends.Char;
using StratoVirt.Definitions.Devices;
using StratoVirt.Devices.Virtio;
using StratoVirt.Devices.Virtio.Console;
using StratoVirt.Linux;

namespace StratoVirt.Machine.Building.Devices;

/// <summary>The virtio console with its ports: one device, several of the user's. Ports come and go without hot-plug.</summary>
internal sealed class ConsoleAssembly : DeviceAssembly
{
    // Each port costs two queues whether it is there or not; a few are kept for ports added later.
    private const int RoomForMore = 4;

    private readonly ConsoleDevice _device;
    private volatile Port[] _ports = [];

    /// <summary>Opens the host ends and makes the device.</summary>
    /// <exception cref="MachineException">One cannot be opened, or there are too many.</exception>
    public ConsoleAssembly(IReadOnlyList<ConsolePortSpec> ports, DeviceContext context)
        : base(ports[0])
    {
        int room = Math.Min(ports.Count + RoomForMore, ConsoleConfiguration.PortLimit);
        _device = new ConsoleDevice(new ConsoleConfiguration { MaxPorts = room }, SharedThread(context));
        try
        {
            foreach (ConsolePortSpec port in ports)
            {
                Add(port, context);
            }
        }
        catch
        {
            _device.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override VirtioDevice Device => _device;

    /// <inheritdoc/>
    public override object Metrics => _device.Metrics;

    /// <inheritdoc/>
    public override IReadOnlyList<DevicePart> Parts
    {
        get
        {
            IReadOnlyList<ConsolePortStatus> states = _device.Ports;
            return
            [
                .. _ports.Join(
                    states,
                    port => port.Number,
                    state => state.Number,
                    (port, state) => new DevicePart(port.Spec, state, state.IsHostConnected ? state.Problem : null)),
            ];
        }
    }

    /// <summary>Adds a port.</summary>
    /// <exception cref="MachineException">Its host end cannot be opened, or every number is taken.</exception>
    public void Add(ConsolePortSpec spec, DeviceContext context)
    {
        (ICharChannel channel, VmConsole? console) = Open(spec, context);
        try
        {
            int number = _device.AddPort(new ConsolePortDefinition { Channel = channel, IsConsole = spec.Console, Name = spec.Name });
            _ports = [.. _ports, new Port(spec, number, console)];
        }
        catch (InvalidOperationException full)
        {
            channel.Dispose();
            throw new MachineException(
                MachineErrorId.TooManyDevices,
                $"The console of machine '{context.Machine}' has no number left for port '{spec.Name}'.",
                "Remove a port, or put the port into the definition.",
                full);
        }
        catch
        {
            channel.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override bool TryRemovePart(string name)
    {
        if (Array.Find(_ports, port => DeviceNames.AreSame(port.Spec.Name, name)) is not { } found)
        {
            return false;
        }

        _ = _device.RemovePort(found.Number);
        found.Console?.Close();
        _ports = [.. _ports.Where(port => port != found)];
        return true;
    }

    /// <summary>What a port without a host end of its own prints and takes; null for others.</summary>
    public VmConsole? FindConsole(string name) =>
        Array.Find(_ports, port => DeviceNames.AreSame(port.Spec.Name, name))?.Console;

    /// <summary>Tells the guest how large a console's terminal is; false when there is no such console.</summary>
    public bool Resize(string name, ushort columns, ushort rows) =>
        Array.Find(_ports, port => DeviceNames.AreSame(port.Spec.Name, name)) is { } found
        && _device.Resize(found.Number, columns, rows);

    /// <inheritdoc/>
    protected override void Apply(DeviceSpec wanted) =>
        Fixed("everything", Array.Find(_ports, port => DeviceNames.AreSame(port.Spec.Name, wanted.Name))?.Spec, wanted);

    /// <inheritdoc/>
    protected override void OnDisposed()
    {
        foreach (Port port in _ports)
        {
            port.Console?.Close();
        }
    }

    private static (ICharChannel Channel, VmConsole? Console) Open(ConsolePortSpec spec, DeviceContext context)
    {
        (string what, string? path) = spec switch
        {
            { Socket: { } socket } => ("socket", context.Resolve(socket)),
            { File: { } file } => ("file", context.Resolve(file)),
            { Pipe: { } pipe } => ("pipe", context.Resolve(pipe)),
            _ => ("console", null),
        };
        try
        {
            switch (what)
            {
                case "socket":
                    return (SocketChannel.Listen(path!), null);
                case "file":
                    return (FileChannel.Open(path!), null);
                case "pipe":
                    return (PipeChannel.Open(path!), null);
                default:
                    VmConsole console = VmConsole.CreateForPort();
                    var channel = new ConsoleChannel(console.Backend);
                    console.Connect(channel);
                    return (channel, console);
            }
        }
        catch (LinuxException refused)
        {
            throw DeviceFault.CannotOpen(spec.Name, what, path!, refused);
        }
    }

    private sealed record Port(ConsolePortSpec Spec, int Number, VmConsole? Console);
}
