using StratoVirt.Backends.Entropy;
using StratoVirt.Backends.Limits;
using StratoVirt.Definitions.Devices;
using StratoVirt.Devices.Virtio;
using StratoVirt.Devices.Virtio.Entropy;
using StratoVirt.Linux;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Machine.Building.Devices;

/// <summary>A source of random numbers.</summary>
internal sealed class EntropyAssembly : DeviceAssembly
{
    private readonly RateLimiter _limiter;
    private readonly EntropyDevice _device;

    /// <summary>Opens the source and makes the device.</summary>
    /// <param name="spec">The source.</param>
    /// <param name="context">The machine.</param>
    /// <param name="ends">What it reads, opened elsewhere; null opens it here.</param>
    /// <exception cref="MachineException">The source cannot be opened.</exception>
    public EntropyAssembly(EntropySpec spec, DeviceContext context, HostEnds? ends)
        : base(spec)
    {
        _limiter = RateLimits.Create(spec.RateLimit);
        IEntropySource source = OpenSource(spec, context, ends);
        try
        {
            _device = new EntropyDevice(new EntropyConfiguration(), source, SharedThread(context), _limiter);
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override VirtioDevice Device => _device;

    /// <inheritdoc/>
    public override object Metrics => _device.Metrics;

    /// <inheritdoc/>
    protected override string? Problem => _device.Problem;

    /// <inheritdoc/>
    protected override void Apply(DeviceSpec wanted)
    {
        var entropy = (EntropySpec)wanted;
        Fixed("the source", ((EntropySpec)Spec).Source, entropy.Source);
        RateLimits.Change(_limiter, entropy.RateLimit);
    }

    /// <summary>Opens a source for a machine of another process.</summary>
    /// <exception cref="MachineException">It cannot be opened.</exception>
    public static FileDescriptor OpenFile(EntropySpec spec, string path) => Guarded(spec, path, () => FileEntropy.OpenFile(path));

    private static IEntropySource OpenSource(EntropySpec spec, DeviceContext context, HostEnds? ends)
    {
        string path = spec.Source is null ? KernelEntropy.Path : context.Resolve(spec.Source);
        return Guarded<IEntropySource>(spec, path, () => spec.Source is null ? new KernelEntropy()
            : ends is null ? FileEntropy.Open(path)
            : FileEntropy.Adopt(ends.Take(), path));
    }

    private static T Guarded<T>(EntropySpec spec, string path, Func<T> open)
    {
        try
        {
            return open();
        }
        catch (LinuxException refused)
        {
            throw DeviceFault.CannotOpen(spec.Name, "entropy source", path, refused);
        }
    }
}
