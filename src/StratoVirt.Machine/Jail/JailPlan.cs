using System.Security.Cryptography;
using System.Text;
using StratoVirt.Backends.Net;
using StratoVirt.Backends.Net.Tap;
using StratoVirt.Definitions;
using StratoVirt.Definitions.Devices;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Machine.Jail;

/// <summary>
/// What a machine needs in a jail: the paths that have to be there, and what cannot be had from inside, opened. Devices
/// that are added later find nothing but this.
/// </summary>
public sealed class JailPlan : IDisposable
{
    // Far above the users of any directory, container or systemd range; two machines of one name in one runtime
    // directory cannot run at once, and others differ but for one chance in millions.
    private const uint FirstUser = 0x6000_0000;
    private const uint Users = 0x1000_0000;

    private readonly List<JailPath> _paths = [];
    private readonly List<TapBackend> _taps = [];
    private readonly List<FileDescriptor> _inherited = [];
    private readonly string _baseDirectory;

    private JailPlan(VmDefinition definition, string baseDirectory, string runtimeRoot)
    {
        _baseDirectory = baseDirectory;
        User = UserOf(runtimeRoot, definition.Metadata.Name);
        Definition = definition;
    }

    /// <summary>The definition as the machine inside is to read it.</summary>
    public VmDefinition Definition { get; private set; }

    /// <summary>What has to be there. The KVM device is not among it, nor is the machine's runtime directory.</summary>
    public IReadOnlyList<JailPath> Paths => _paths;

    /// <summary>Descriptors that the definition names by number, to be inherited.</summary>
    public IReadOnlyList<FileDescriptor> Inherited => _inherited;

    /// <summary>The user and group that the machine runs as, and nobody else does.</summary>
    public uint User { get; }

    /// <summary>Makes the plan of a machine and opens what it must.</summary>
    /// <param name="definition">A valid definition.</param>
    /// <param name="baseDirectory">Against what relative paths are resolved.</param>
    /// <param name="runtimeRoot">Where the machine's runtime directory is.</param>
    /// <exception cref="MachineException"><see cref="MachineErrorId.JailUnsuitable"/>: a device that needs a program of
    /// the host beside it; or an interface cannot be had.</exception>
    public static JailPlan Create(VmDefinition definition, string baseDirectory, string runtimeRoot)
    {
        ArgumentNullException.ThrowIfNull(definition);
        var plan = new JailPlan(definition, baseDirectory, runtimeRoot);
        try
        {
            plan.Collect();
            return plan;
        }
        catch
        {
            plan.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _inherited.ForEach(descriptor => descriptor.Dispose());
        _taps.ForEach(tap => tap.Dispose());
    }

    private static uint UserOf(string runtimeRoot, string name)
    {
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{runtimeRoot}/{name}"));
        return FirstUser + (BitConverter.ToUInt32(hash) % Users);
    }

    private void Collect()
    {
        VmSpec spec = Definition.Spec;
        if (spec.Shares.Count > 0)
        {
            throw Unsuitable($"share '{spec.Shares[0].Name}' is served by a program of the host (virtiofsd)");
        }

        Add(spec.Boot.Kernel, readOnly: true);
        Add(spec.Boot.Initrd, readOnly: true);
        foreach (DeviceSpec device in spec.ListDevices())
        {
            Collect(device);
        }

        Definition = Definition with { Spec = spec with { Networks = [.. spec.Networks.Select(Open)] } };
    }

    private void Collect(DeviceSpec device)
    {
        switch (device)
        {
            case DiskSpec disk:
                Add(disk.Path, disk.ReadOnly);
                break;
            case PersistentMemorySpec memory:
                Add(memory.Path, memory.ReadOnly);
                break;
            case EntropySpec entropy:
                Add(entropy.Source, readOnly: true);
                break;
            case VsockSpec vsock:
                Add(DirectoryOf(vsock.Socket), readOnly: false);
                break;
            case ConsolePortSpec port:
                Add(DirectoryOf(port.Socket ?? port.File), readOnly: false);
                Add(port.Pipe, readOnly: false);
                break;
        }
    }

    // A network namespace has interfaces of its own: the host's are opened before.
    private NetworkSpec Open(NetworkSpec network)
    {
        if (network.User)
        {
            throw Unsuitable($"network card '{network.Name}' is served by a program of the host (passt)");
        }

        if (network.Queues > 1)
        {
            throw Unsuitable($"network card '{network.Name}' has {network.Queues} pairs of queues, and one can be handed over");
        }

        if (network.TapDescriptor is not null)
        {
            return network;
        }

        try
        {
            TapBackend tap = TapBackend.Open(new TapOptions { Name = network.Tap ?? string.Empty, QueuePairs = 1 });
            _taps.Add(tap);
            FileDescriptor descriptor = tap.Queues[0].Descriptor.DuplicateInherited();
            _inherited.Add(descriptor);
            return network with { Tap = null, TapDescriptor = descriptor.Number, Mtu = network.Mtu ?? tap.Mtu };
        }
        catch (NetBackendException refused)
        {
            throw new MachineException(
                MachineErrorId.DeviceUnusable,
                $"The host's side of network card '{network.Name}' cannot be had. {refused.Message}",
                "Correct the definition or the host.",
                refused.InnerException);
        }
    }

    private MachineException Unsuitable(string reason) => new(
        MachineErrorId.JailUnsuitable,
        $"Machine '{Definition.Metadata.Name}' cannot run in a jail: {reason}.",
        "Start it without -Jail, or take the device out of its definition.");

    private string? DirectoryOf(string? path) =>
        path is null ? null : Path.GetDirectoryName(Path.GetFullPath(path, _baseDirectory));

    private void Add(string? path, bool readOnly)
    {
        if (path is not null)
        {
            _paths.Add(new JailPath(Path.GetFullPath(path, _baseDirectory), readOnly));
        }
    }
}
