using StratoVirt.Backends.Entropy;
using StratoVirt.Backends.Limits;
using StratoVirt.Definitions.Devices;
using StratoVirt.Devices.Virtio;
using StratoVirt.Devices.Virtio.Entropy;
using StratoVirt.Linux;

namespace StratoVirt.Machine.Building.Devices;

/// <summary>A source of random numbers.</summary>
internal sealed class EntropyAssembly : DeviceAssembly
{
    private readonly RateLimiter _limiter;
    private readonly EntropyDevice _device;

    /// <summary>Opens the source and makes the device.</summary>
    /// <exception cref="MachineException">The source cannot be opened.</exception>
    public EntropyAssembly(EntropySpec spec, DeviceContext context)
        : base(spec)
    {
        _limiter = RateLimits.Create(spec.RateLimit);
        IEntropySource source = OpenSource(spec, context);
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

    private static IEntropySource OpenSource(EntropySpec spec, DeviceContext context)
    {
        string path = spec.Source is null ? KernelEntropy.Path : context.Resolve(spec.Source);
        try
        {
            return spec.Source is null ? new KernelEntropy() : FileEntropy.Open(path);
        }
        catch (LinuxException refused)
        {
            throw DeviceFault.CannotOpen(spec.Name, "entropy source", path, refused);
        }
    }
}
