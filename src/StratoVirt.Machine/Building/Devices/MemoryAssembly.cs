using StratoVirt.Definitions.Devices;
using StratoVirt.Devices.Virtio;
using StratoVirt.Devices.Virtio.Memory;
using StratoVirt.Linux;
using StratoVirt.Memory;

namespace StratoVirt.Machine.Building.Devices;

/// <summary>Memory that grows and shrinks.</summary>
internal sealed class MemoryAssembly : DeviceAssembly
{
    private readonly MemoryDevice _device;

    /// <summary>Reserves address space for the most it can have and makes the device.</summary>
    /// <exception cref="MachineException">The host refuses that much address space.</exception>
    public MemoryAssembly(MemoryDeviceSpec spec, DeviceContext context)
        : base(spec)
    {
        GuestMemoryRegion region = Reserve(spec, context);
        context.Memory.Add(region);
        _device = new MemoryDevice(region, spec.BlockSize.Bytes, spec.Size.Bytes, SharedThread(context));
    }

    /// <inheritdoc/>
    public override VirtioDevice Device => _device;

    /// <inheritdoc/>
    public override object Metrics => _device.Metrics;

    /// <inheritdoc/>
    protected override void Apply(DeviceSpec wanted)
    {
        var (present, memory) = ((MemoryDeviceSpec)Spec, (MemoryDeviceSpec)wanted);
        Fixed("everything but its size", present, memory with { Size = present.Size });
        try
        {
            _device.RequestedBytes = memory.Size.Bytes;
        }
        catch (ArgumentOutOfRangeException)
        {
            throw new MachineException(
                MachineErrorId.DeviceUnusable,
                $"Memory device '{memory.Name}' cannot have {memory.Size}.",
                $"Choose a multiple of {memory.BlockSize}, {memory.Maximum} at most.");
        }
    }

    private static GuestMemoryRegion Reserve(MemoryDeviceSpec spec, DeviceContext context)
    {
        GuestRange range = context.Place(spec.Maximum.Bytes);
        try
        {
            // Made as RAM is made, then taken out of its set: the machine's memory owns it.
            GuestMemory made = context.Memory.IsShared ? GuestMemory.CreateShared([range]) : GuestMemory.CreateAnonymous([range]);
            return made.Regions[0];
        }
        catch (LinuxException refused)
        {
            throw new MachineException(
                MachineErrorId.MemoryUnavailable,
                $"The host refused to map {spec.Maximum} for memory device '{spec.Name}'.",
                "Lower its maximum.",
                refused);
        }
    }
}
