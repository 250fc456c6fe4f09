using StratoVirt.Backends.Char;
using StratoVirt.Definitions.Devices;
using StratoVirt.Devices.Virtio;
using StratoVirt.Devices.Virtio.Console;
using StratoVirt.Linux;
using StratoVirt.Linux.Handles;
using StratoVirt.Linux.Net;

namespace StratoVirt.Machine.Building.Devices;

/// <summary>The virtio console with its ports: one device, several of the user's. Ports come and go without hot-plug.</summary>
internal sealed class ConsoleAssembly : DeviceAssembly
{
    // Each port costs two queues whether it is there or not; a few are kept for ports added later.
    private const int RoomForMore = 4;

    private readonly ConsoleDevice _device;
    private volatile Port[] _ports = [];

    /// <summary>Opens the host ends and makes the device.</summary>
    /// <param name="ports">The ports, one at least.</param>
    /// <param name="context">The machine.</param>
    /// <param name="endsOf">The host end of a port, opened elsewhere; null opens it here.</param>
    /// <exception cref="MachineException">One cannot be opened, or there are too many.</exception>
    public ConsoleAssembly(IReadOnlyList<ConsolePortSpec> ports, DeviceContext context, Func<ConsolePortSpec, HostEnds?> endsOf)
        : base(ports[0])
    {
        int room = Math.Min(ports.Count + RoomForMore, ConsoleConfiguration.PortLimit);
        _device = new ConsoleDevice(new ConsoleConfiguration { MaxPorts = room }, SharedThread(context));
        try
        {
            foreach (ConsolePortSpec port in ports)
            {
                Add(port, context, endsOf(port));
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
            ConsolePortStatus[] states = [.. _device.Ports];
            var parts = new List<DevicePart>();
            foreach (Port port in _ports)
            {
                if (Array.Find(states, candidate => candidate.Number == port.Number) is { } state)
                {
                    parts.Add(new DevicePart(port.Spec, state, state.IsHostConnected ? state.Problem : null));
                }
            }

            return parts;
        }
    }

    /// <summary>Adds a port.</summary>
    /// <param name="spec">The port.</param>
    /// <param name="context">The machine.</param>
    /// <param name="ends">Its host end, opened elsewhere; null opens it here.</param>
    /// <exception cref="MachineException">Its host end cannot be opened, or every number is taken.</exception>
    public void Add(ConsolePortSpec spec, DeviceContext context, HostEnds? ends)
    {
        (ICharChannel channel, VmConsole? console) = Open(spec, context, ends);
        try
        {
            int number = _device.AddPort(new ConsolePortDefinition { Channel = channel, IsConsole = spec.Console, Name = spec.Name });
            _ports = [.. _ports, new Port(spec, number, console)];
        }
        catch (InvalidOperationException full)
        {
            Close(channel);
            throw new MachineException(
                MachineErrorId.TooManyDevices,
                $"The console of machine '{context.Machine}' has no number left for port '{spec.Name}'.",
                "Remove a port, or put the port into the definition.",
                full);
        }
        catch
        {
            Close(channel);
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

    private static void Close(ICharChannel channel)
    {
        channel.Withdraw();
        channel.Dispose();
    }

    /// <summary>Opens the host end of a port for a machine of another process; nothing for one that has none.</summary>
    /// <exception cref="MachineException">It cannot be opened.</exception>
    public static IReadOnlyList<FileDescriptor> OpenEnds(ConsolePortSpec spec, Func<string, string> resolve)
    {
        switch (spec)
        {
            case { Socket: { } socket }:
                return [Guarded(spec, "socket", resolve(socket), path => UnixSocket.Listen(path))];
            case { File: { } file }:
                return [Guarded(spec, "file", resolve(file), FileChannel.OpenFile)];
            case { Pipe: { } pipe }:
                (FileDescriptor @in, FileDescriptor @out) = Guarded(spec, "pipe", resolve(pipe), PipeChannel.OpenPipes);
                return [@in, @out];
            default:
                return [];
        }
    }

    private static (ICharChannel Channel, VmConsole? Console) Open(ConsolePortSpec spec, DeviceContext context, HostEnds? ends)
    {
        switch (spec)
        {
            case { Socket: { } socket }:
                return (Guarded<ICharChannel>(spec, "socket", context.Resolve(socket), path =>
                    ends is null ? SocketChannel.Listen(path) : SocketChannel.Adopt(ends.Take(), path)), null);
            case { File: { } file }:
                return (Guarded<ICharChannel>(spec, "file", context.Resolve(file), path =>
                    ends is null ? FileChannel.Open(path) : FileChannel.Adopt(ends.Take(), path)), null);
            case { Pipe: { } pipe }:
                return (Guarded<ICharChannel>(spec, "pipe", context.Resolve(pipe), path =>
                    ends is null ? PipeChannel.Open(path) : PipeChannel.Adopt(ends.Take(), ends.Take())), null);
            default:
                VmConsole console = VmConsole.CreateForPort();
                var channel = new ConsoleChannel(console.Backend);
                console.Connect(channel);
                return (channel, console);
        }
    }

    private static T Guarded<T>(ConsolePortSpec spec, string what, string path, Func<string, T> open)
    {
        try
        {
            return open(path);
        }
        catch (LinuxException refused)
        {
            throw DeviceFault.CannotOpen(spec.Name, what, path, refused);
        }
    }

    private sealed record Port(ConsolePortSpec Spec, int Number, VmConsole? Console);
}
