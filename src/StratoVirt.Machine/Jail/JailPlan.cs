using StratoVirt.Definitions;
using StratoVirt.Definitions.Devices;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Machine.Jail;

/// <summary>
/// What a machine needs in a jail: its devices' ends on the host, opened to be inherited, and the few paths that have to
/// be there. Devices that are added later come with their ends from whoever adds them.
/// </summary>
public sealed class JailPlan : IDisposable
{
    private readonly List<JailPath> _paths = [];
    private readonly List<JailEnd> _ends = [];
    private readonly List<FileDescriptor> _inherited = [];
    private readonly VmDefinition _definition;
    private readonly string _baseDirectory;

    private JailPlan(VmDefinition definition, string baseDirectory)
    {
        _definition = definition;
        _baseDirectory = baseDirectory;
    }

    /// <summary>What has to be there. The KVM device is not among it, nor is the machine's runtime directory.</summary>
    public IReadOnlyList<JailPath> Paths => _paths;

    /// <summary>What is inherited.</summary>
    public IReadOnlyList<JailEnd> Ends => _ends;

    /// <summary>Makes the plan of a machine and opens what it must. For the holder of its lease.</summary>
    /// <param name="definition">A valid definition.</param>
    /// <param name="baseDirectory">Against what relative paths are resolved.</param>
    /// <exception cref="MachineException"><see cref="MachineErrorId.JailUnsuitable"/>: a device that needs a program of
    /// the host beside it; or something of the host cannot be had.</exception>
    public static JailPlan Create(VmDefinition definition, string baseDirectory)
    {
        ArgumentNullException.ThrowIfNull(definition);
        var plan = new JailPlan(definition, baseDirectory);
        try
        {
            plan.Collect();
            return plan;
        }
        catch
        {
            plan.Abandon();
            throw;
        }
    }

    /// <summary>Takes back what a machine that does not come to life would have had.</summary>
    public void Abandon()
    {
        Dispose();
        foreach (string device in _ends.Select(end => end.Device).Distinct())
        {
            HostEnds.RemoveSocket(_definition.Spec.ListDevices().First(spec => spec.Name == device), _baseDirectory);
        }
    }

    /// <summary>Closes this process's descriptors. May be called more than once.</summary>
    public void Dispose() => _inherited.ForEach(descriptor => descriptor.Dispose());

    private void Collect()
    {
        VmSpec spec = _definition.Spec;
        if (spec.Shares.Count > 0)
        {
            throw Unsuitable($"share '{spec.Shares[0].Name}' is served by a program of the host (virtiofsd)");
        }

        if (spec.Networks.FirstOrDefault(network => network.User) is { } user)
        {
            throw Unsuitable($"network card '{user.Name}' is served by a program of the host (passt)");
        }

        // Kernels are handed over opened; these are read, and mapped, by name.
        Add(spec.Boot.Initrd, readOnly: true);
        foreach (PersistentMemorySpec memory in spec.PersistentMemory)
        {
            Add(memory.Path, memory.ReadOnly);
        }

        // Whom a guest's sockets lead to is looked up by name, and reached as far as the jail's user may.
        Add(spec.Vsock?.Socket is { } socket ? Path.GetDirectoryName(Path.GetFullPath(socket, _baseDirectory)) : null, readOnly: true);
        foreach (DeviceSpec device in spec.ListDevices())
        {
            Open(device);
        }
    }

    private void Open(DeviceSpec device)
    {
        using HostEnds ends = HostEnds.Open(device, _baseDirectory);
        foreach (FileDescriptor end in ends.Descriptors)
        {
            FileDescriptor inherited = end.DuplicateInherited();
            _inherited.Add(inherited);
            _ends.Add(new JailEnd(device.Name, inherited.Number, ends.Mtu));
        }
    }

    private MachineException Unsuitable(string reason) => new(
        MachineErrorId.JailUnsuitable,
        $"Machine '{_definition.Metadata.Name}' cannot run in a jail: {reason}.",
        "Start it without -Jail, or take the device out of its definition.");

    private void Add(string? path, bool readOnly)
    {
        if (path is null)
        {
            return;
        }

        // What several uses share is writable when one of them writes.
        var wanted = new JailPath(Path.GetFullPath(path, _baseDirectory), readOnly);
        int present = _paths.FindIndex(other => other.Path == wanted.Path);
        if (present < 0)
        {
            _paths.Add(wanted);
        }
        else if (!readOnly)
        {
            _paths[present] = wanted;
        }
    }
}
