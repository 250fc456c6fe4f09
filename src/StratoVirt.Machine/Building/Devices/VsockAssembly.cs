using StratoVirt.Backends.Vsock;
using StratoVirt.Definitions.Devices;
using StratoVirt.Devices.Virtio;
using StratoVirt.Devices.Virtio.Vsock;
using StratoVirt.Linux;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Machine.Building.Devices;

/// <summary>Sockets between guest and host.</summary>
internal sealed class VsockAssembly : DeviceAssembly
{
    private const string SocketName = "vsock";

    private readonly VsockDevice _device;

    /// <summary>Listens on the host and makes the device.</summary>
    /// <param name="spec">The device.</param>
    /// <param name="context">The machine.</param>
    /// <param name="ends">Its socket, where the device names one, made elsewhere; null makes it here.</param>
    /// <exception cref="MachineException">The socket cannot be made.</exception>
    public VsockAssembly(VsockSpec spec, DeviceContext context, HostEnds? ends)
        : base(spec) => _device = new VsockDevice(
            new VsockConfiguration { GuestCid = (uint)spec.Cid }, Open(spec, context, ends), SharedThread(context));

    /// <inheritdoc/>
    public override VirtioDevice Device => _device;

    /// <inheritdoc/>
    public override object Metrics => _device.Metrics;

    /// <inheritdoc/>
    protected override void Apply(DeviceSpec wanted) => Fixed("everything", Spec, wanted);

    /// <summary>Makes the socket for a machine of another process.</summary>
    /// <exception cref="MachineException">It cannot be made.</exception>
    public static FileDescriptor Listen(VsockSpec spec, string path) => Guarded(spec, path, () => VsockSockets.Listen(path));

    private static VsockSockets Open(VsockSpec spec, DeviceContext context, HostEnds? ends)
    {
        string path = spec.Socket is { } named ? context.Resolve(named)
            : context.RuntimeDirectory is { } directory ? Path.Combine(directory, SocketName)
            : throw new MachineException(
                MachineErrorId.DeviceUnusable,
                $"Socket device '{spec.Name}' names no socket, and the machine has no runtime directory to put one into.",
                "Name one with 'socket'.");
        return Guarded(spec, path, () => spec.Socket is null || ends is null ? new VsockSockets(path) : VsockSockets.Adopt(ends.Take(), path));
    }

    private static T Guarded<T>(VsockSpec spec, string path, Func<T> open)
    {
        try
        {
            return open();
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
