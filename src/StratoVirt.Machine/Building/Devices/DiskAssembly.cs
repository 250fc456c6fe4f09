using StratoVirt.Backends.Block;
using StratoVirt.Backends.Limits;
using StratoVirt.Definitions.Devices;
using StratoVirt.Devices.Virtio;
using StratoVirt.Devices.Virtio.Block;
using StratoVirt.Linux;
using StratoVirt.Linux.Handles;
using StratoVirt.Machine.Lifecycle;

namespace StratoVirt.Machine.Building.Devices;

/// <summary>A disk, with a thread of its own.</summary>
internal sealed class DiskAssembly : DeviceAssembly
{
    private const int MostQueuesUnasked = 8;

    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(1);

    private readonly RateLimiter _limiter;
    private readonly VirtioBlock _device;

    /// <summary>Opens and locks the image and makes the device.</summary>
    /// <param name="spec">The disk.</param>
    /// <param name="context">The machine.</param>
    /// <param name="ends">The image, opened elsewhere; null opens it here.</param>
    /// <exception cref="MachineException">The image cannot be used as asked.</exception>
    public DiskAssembly(DiskSpec spec, DeviceContext context, HostEnds? ends)
        : base(spec)
    {
        _limiter = RateLimits.Create(spec.RateLimit);
        IBlockBackend image = Guarded(spec, () =>
            BlockImage.Open(OptionsOf(spec, context.Resolve(spec.Path)) with { File = ends?.Take(), Guard = context.Guard, Patience = LockPatience }));
        try
        {
            _device = new VirtioBlock(
                new BlockConfiguration
                {
                    Queues = spec.Queues ?? Math.Min(context.Cpus, MostQueuesUnasked),
                    Serial = spec.Serial ?? spec.Name[..Math.Min(spec.Name.Length, BlockConfiguration.SerialLength)],
                },
                image,
                OwnThread(context),
                _limiter,
                context.Group(spec.RateGroup));
            _device.HostFailed += () => NoteFailure(context);
        }
        catch
        {
            image.Dispose();
            Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override VirtioDevice Device => _device;

    /// <inheritdoc/>
    public override object Metrics => _device.Metrics;

    /// <inheritdoc/>
    public override long? Capacity => _device.Capacity;

    /// <inheritdoc/>
    protected override string? Problem => _device.Metrics.LastError is { } error ? $"its last failure: {error}" : null;

    /// <summary>Changes the limits, and looks at the image's size: an image that was made larger is larger for the guest
    /// then.</summary>
    protected override void Apply(DeviceSpec wanted)
    {
        var disk = (DiskSpec)wanted;
        Fixed("everything but its rate limit", (DiskSpec)Spec, disk with { RateLimit = ((DiskSpec)Spec).RateLimit });
        try
        {
            _ = _device.RefreshCapacity();
        }
        catch (LinuxException cause)
        {
            throw new MachineException(
                MachineErrorId.DeviceUnusable,
                $"The host does not tell how large the image '{disk.Path}' of disk '{disk.Name}' is.",
                "Check that it is still there.",
                cause);
        }

        RateLimits.Change(_limiter, disk.RateLimit);
    }

    /// <summary>Makes the image longer, and the disk with it.</summary>
    /// <exception cref="MachineException">It would become shorter, or the host refused.</exception>
    public void Grow(long length)
    {
        var disk = (DiskSpec)Spec;
        if (length < _device.Capacity || length % disk.BlockSize != 0 || disk.ReadOnly)
        {
            throw new MachineException(
                MachineErrorId.DeviceUnchangeable,
                $"Disk '{disk.Name}' of {_device.Capacity} bytes cannot become one of {length} bytes{(disk.ReadOnly ? ", because it is read-only" : string.Empty)}.",
                $"Choose a multiple of {disk.BlockSize} that is larger; images are made smaller while no machine uses them.");
        }

        try
        {
            _device.Grow(length);
        }
        catch (LinuxException cause)
        {
            throw new MachineException(
                MachineErrorId.DeviceUnusable,
                $"The image '{disk.Path}' of disk '{disk.Name}' cannot become {length} bytes long.",
                "Check the space where it is; block devices grow by their own tools.",
                cause);
        }
    }

    /// <inheritdoc/>
    protected override MachineEvent? DescribeFailure() => _device.Metrics.LastError is { } error
        ? new DiskFailed(Spec.Name, error.Operation == BlockOperation.Read, error.Errno == Errno.NoSpace, error.ToString())
        : null;

    /// <summary>Opens the image for a machine of another process.</summary>
    /// <exception cref="MachineException">It cannot be opened as asked.</exception>
    public static FileDescriptor OpenFile(DiskSpec spec, string path) => Guarded(spec, () => BlockImage.OpenFile(OptionsOf(spec, path)));

    private static BlockImageOptions OptionsOf(DiskSpec spec, string path) => new()
    {
        Path = path,
        ReadOnly = spec.ReadOnly,
        Direct = spec.Cache == DiskCache.Direct,
        Unmap = spec.Discard,
        LogicalBlock = spec.BlockSize,
        Engine = spec.Engine switch
        {
            DiskEngine.IoUring => BlockEngine.IoUring,
            DiskEngine.Threads => BlockEngine.Threads,
            _ => BlockEngine.Automatic,
        },
    };

    private static T Guarded<T>(DiskSpec spec, Func<T> open)
    {
        try
        {
            return open();
        }
        catch (BlockImageException refused)
        {
            MachineErrorId id = (refused.InnerException as LinuxException)?.Errno switch
            {
                Errno.NoEntry or Errno.NotDirectory => MachineErrorId.DeviceMissing,
                Errno.AccessDenied or Errno.NotPermitted or Errno.ReadOnlyFileSystem => MachineErrorId.DevicePermission,
                Errno.Busy => MachineErrorId.DeviceInUse,
                _ => MachineErrorId.DeviceUnusable,
            };
            throw new MachineException(
                id, $"Disk '{spec.Name}' cannot be had. {refused.Message}", "Correct the image or its path.", refused.InnerException);
        }
    }
}
