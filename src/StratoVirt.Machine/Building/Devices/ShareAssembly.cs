using StratoVirt.Backends.VhostUser;
using StratoVirt.Definitions.Devices;
using StratoVirt.Devices.Virtio;
using StratoVirt.Devices.Virtio.FileSystem;

namespace StratoVirt.Machine.Building.Devices;

/// <summary>A directory of the host, served by a process of its own.</summary>
internal sealed class ShareAssembly : DeviceAssembly
{
    private readonly FileSystemDevice _device;

    /// <summary>Starts the process and makes the device.</summary>
    /// <exception cref="MachineException">The directory, the program or shared memory is missing.</exception>
    public ShareAssembly(ShareSpec spec, DeviceContext context)
        : base(spec)
    {
        string path = context.Resolve(spec.Path);
        if (!Directory.Exists(path))
        {
            throw new MachineException(
                MachineErrorId.DeviceMissing,
                $"There is no directory '{path}' for share '{spec.Name}'.",
                "Create the directory, or correct its path.");
        }

        try
        {
            _device = new FileSystemDevice(
                new FileSystemConfiguration { Tag = spec.Name },
                VirtioFsDaemon.Start(new VirtioFsShare { Path = path, ReadOnly = spec.ReadOnly }),
                context.Memory,
                SharedThread(context));
            _device.HostFailed += () => NoteFailure(context);
            if (_device.Problem is not null)
            {
                NoteFailure(context);
            }
        }
        catch (VhostUserException refused)
        {
            (MachineErrorId id, string action) = refused.Error switch
            {
                VhostUserError.MemoryUnshareable => (
                    MachineErrorId.DeviceUnusable,
                    "A share that is added to a running machine needs one in its definition, so that memory is shared."),
                VhostUserError.ProgramMissing => (MachineErrorId.DeviceMissing, "Install it."),
                VhostUserError.NotPermitted => (
                    MachineErrorId.DevicePermission,
                    "Run the machine as root, or install virtiofsd 1.13 or later, which needs no root."),
                VhostUserError.Unservable => (MachineErrorId.DeviceUnusable, "Share a directory below it."),
                _ => (MachineErrorId.DeviceUnusable, "Check that virtiofsd works on this host and may read the directory."),
            };
            throw new MachineException(
                id, $"Share '{spec.Name}' of '{path}' cannot be served. {refused.Message}", action, refused.InnerException);
        }
    }

    /// <inheritdoc/>
    public override VirtioDevice Device => _device;

    /// <inheritdoc/>
    public override object Metrics => _device.Metrics;

    /// <inheritdoc/>
    protected override string? Problem => _device.Problem;

    /// <inheritdoc/>
    protected override void Apply(DeviceSpec wanted) => Fixed("everything", Spec, wanted);
}
