using StratoVirt.Backends.Net.Tap;
using StratoVirt.Definitions.Devices;
using StratoVirt.Linux;
using StratoVirt.Linux.Handles;
using StratoVirt.Linux.Net;
using StratoVirt.Machine.Building.Devices;

namespace StratoVirt.Machine;

/// <summary>
/// What a device needs of the host, opened by one process for the machine of another: one that contains itself may not
/// open an interface, and one in a jail finds no file. Descriptors are in the order in which the device takes them.
/// </summary>
public sealed class HostEnds : IDisposable
{
    private readonly Queue<FileDescriptor> _ends;

    /// <summary>Takes descriptors over that another process has opened with <see cref="Open"/>.</summary>
    public HostEnds(IEnumerable<FileDescriptor> ends) => _ends = new Queue<FileDescriptor>(ends);

    /// <summary>The descriptors.</summary>
    public IReadOnlyCollection<FileDescriptor> Descriptors => _ends;

    /// <summary>The MTU of the interface among them, or null. From another network namespace nobody can ask for it.</summary>
    public int? Mtu { get; init; }

    /// <summary>Opens what a device needs, as the machine's own process would. A device that needs nothing that has a
    /// name, or a program beside it, has no ends.</summary>
    /// <param name="device">The device.</param>
    /// <param name="baseDirectory">Against what relative paths are resolved.</param>
    /// <exception cref="MachineException">Something is missing, in use, or may not be opened.</exception>
    public static HostEnds Open(DeviceSpec device, string baseDirectory)
    {
        ArgumentNullException.ThrowIfNull(device);
        string Resolve(string path) => Path.GetFullPath(path, baseDirectory);
        return device switch
        {
            DiskSpec disk => new([DiskAssembly.OpenFile(disk, Resolve(disk.Path))]),
            NetworkSpec { User: false } network => Of(NetworkAssembly.OpenTap(network)),
            ConsolePortSpec port => new(ConsoleAssembly.OpenEnds(port, Resolve)),
            EntropySpec { Source: { } source } entropy => new([EntropyAssembly.OpenFile(entropy, Resolve(source))]),
            VsockSpec { Socket: { } socket } vsock => new([VsockAssembly.Listen(vsock, Resolve(socket))]),
            _ => new([]),
        };
    }

    /// <summary>Takes the socket file of a device away that is gone, or has never come: who opened it does, for its
    /// machine may not reach it.</summary>
    /// <param name="device">The device.</param>
    /// <param name="baseDirectory">Against what relative paths are resolved.</param>
    public static void RemoveSocket(DeviceSpec device, string baseDirectory)
    {
        string? socket = device switch
        {
            VsockSpec vsock => vsock.Socket,
            ConsolePortSpec port => port.Socket,
            _ => null,
        };
        if (socket is not null)
        {
            try
            {
                UnixSocket.RemoveStale(Path.GetFullPath(socket, baseDirectory));
            }
            catch (LinuxException)
            {
                // It may not be changed any more: the next listener replaces it.
            }
        }
    }

    /// <summary>Closes what no device has taken.</summary>
    public void Dispose()
    {
        foreach (FileDescriptor end in TakeAll())
        {
            end.Dispose();
        }
    }

    /// <summary>The next one, which is the caller's.</summary>
    /// <exception cref="MachineException">There is none.</exception>
    internal FileDescriptor Take() => _ends.TryDequeue(out FileDescriptor? end) ? end : throw TooFew();

    /// <summary>The error of ends that do not suffice.</summary>
    internal static MachineException TooFew() => new(
        MachineErrorId.DeviceUnusable,
        "Fewer descriptors came with the device than it needs.",
        "Send what Add-StratoDevice sends, or none.");

    /// <summary>All that are left, which are the caller's.</summary>
    internal IReadOnlyList<FileDescriptor> TakeAll()
    {
        FileDescriptor[] ends = [.. _ends];
        _ends.Clear();
        return ends;
    }

    private static HostEnds Of(TapBackend tap)
    {
        using (tap)
        {
            // As the machine expects to find them.
            _ = tap.SetQueuesInUse(tap.Queues.Count);
            return new HostEnds([.. tap.Ends.Select(end => end.Duplicate())]) { Mtu = tap.Mtu };
        }
    }
}
