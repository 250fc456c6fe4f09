using StratoVirt.Backends.Vsock;
using StratoVirt.Definitions.Devices;
using StratoVirt.Devices.Virtio;
using StratoVirt.Devices.Virtio.Vsock;
using StratoVirt.Linux;

namespace StratoVirt.Machine.Building.Devices;

/// <summary>Sockets between guest and host.</summary>
internal sealed class VsockAssembly : DeviceAssembly
{
    private const string SocketName = "vsock";

    private readonly VsockDevice _device;

    /// <summary>Listens on the host and makes the device.</summary>
    /// <exception cref="MachineException">The socket cannot be made.</exception>
    public VsockAssembly(VsockSpec spec, DeviceContext context)
        : base(spec) => _device = new VsockDevice(
            new VsockConfiguration { GuestCid = (uint)spec.Cid }, Listen(spec, context), SharedThread(context));

    /// <inheritdoc/>
    public override VirtioDevice Device => _device;

    /// <inheritdoc/>
    public override object Metrics => _device.Metrics;

    /// <inheritdoc/>
    protected override void Apply(DeviceSpec wanted) => Fixed("everything", Spec, wanted);

    private static VsockSockets Listen(VsockSpec spec, DeviceContext context)
    {
        string path = spec.Socket is { } named ? context.Resolve(named)
            : context.RuntimeDirectory is { } directory ? Path.Combine(directory, SocketName)
            : throw new MachineException(
                MachineErrorId.DeviceUnusable,
                $"Socket device '{spec.Name}' names no socket, and the machine has no runtime directory to put one into.",
                "Name one with 'socket'.");
        try
        {
            return new VsockSockets(path);
        }
        catch (LinuxException refused)
        {
            throw refused.Errno == Errno.InvalidArgument
                ? new MachineException(
                    MachineErrorId.DeviceUnusable,
                    $"The path of socket '{path}' of device '{spec.Name}' is longer than {VsockSockets.MaxPathLength} bytes.",
                    "Choose a shorter path.",
                    refused)
                : DeviceFault.CannotOpen(spec.Name, "socket", path, refused);
        }
    }
}
