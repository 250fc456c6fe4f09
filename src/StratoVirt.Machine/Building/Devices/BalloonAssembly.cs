using StratoVirt.Definitions.Devices;
using StratoVirt.Devices.Virtio;
using StratoVirt.Devices.Virtio.Balloon;

namespace StratoVirt.Machine.Building.Devices;

/// <summary>A memory balloon.</summary>
internal sealed class BalloonAssembly : DeviceAssembly
{
    private readonly BalloonDevice _device;

    /// <summary>Makes the device.</summary>
    public BalloonAssembly(BalloonSpec spec, DeviceContext context)
        : base(spec)
    {
        _device = new BalloonDevice(
            new BalloonConfiguration
            {
                DeflateOnOutOfMemory = spec.DeflateOnOom,
                FreePageReporting = spec.FreePageReporting,
                StatisticsInterval = TimeSpan.FromSeconds(spec.StatisticsInterval),
            },
            SharedThread(context))
        {
            TargetBytes = spec.Size.Bytes,
        };
        _device.ActualChanged += () => context.BalloonChanged?.Invoke();
    }

    /// <summary>Bytes the guest says it has given up.</summary>
    public ulong ActualBytes => _device.ActualBytes;

    /// <inheritdoc/>
    public override VirtioDevice Device => _device;

    /// <inheritdoc/>
    public override object Metrics =>
        new BalloonReport(_device.TargetBytes, _device.ActualBytes, _device.Statistics, _device.Metrics);

    /// <inheritdoc/>
    protected override void Apply(DeviceSpec wanted)
    {
        var (present, balloon) = ((BalloonSpec)Spec, (BalloonSpec)wanted);
        Fixed("deflateOnOom", present.DeflateOnOom, balloon.DeflateOnOom);
        Fixed("freePageReporting", present.FreePageReporting, balloon.FreePageReporting);
        _device.TargetBytes = balloon.Size.Bytes;
        _device.StatisticsInterval = TimeSpan.FromSeconds(balloon.StatisticsInterval);
    }
}
