using System.Buffers.Binary;
using StratoVirt.Backends.Io;
using StratoVirt.Devices.Virtio;
using StratoVirt.Devices.Virtio.Memory;
using StratoVirt.Memory;

namespace StratoVirt.Testing.Virtio.Hostile.Subjects;

/// <summary>A memory device over <see cref="DeviceSubject.Pages"/>; which blocks are plugged is kept beside.</summary>
public sealed class MemorySubject : DeviceSubject
{
    private const ulong Block = 64 << 10;
    private const int Blocks = (int)(PageLength / Block);
    private const ushort Plug = 0;
    private const ushort UnplugAll = 2;

    private MemoryDevice _device = null!;

    /// <inheritdoc/>
    public override bool TryCompose(int queue, ulong features, RequestPlan plan, ref Choices choices)
    {
        byte[] request = new byte[24];
        BinaryPrimitives.WriteUInt16LittleEndian(request, (ushort)choices.Below(5));
        BinaryPrimitives.WriteUInt64LittleEndian(
            request.AsSpan(8), choices.Once(8) ? choices.Word(Pages) : Pages + ((ulong)choices.Below(Blocks) * Block));
        BinaryPrimitives.WriteUInt16LittleEndian(request.AsSpan(16), (ushort)(choices.Once(8) ? choices.Word(4) : 1 + (ulong)choices.Below(4)));
        plan.WithSplit(Memory.Readable(request), choices.Once(2) ? choices.Below(24) : 0).With(Memory.Writable(10));
        return true;
    }

    /// <inheritdoc/>
    public override string? Judge(int queue, RequestPlan plan, uint written)
    {
        ushort type = BinaryPrimitives.ReadUInt16LittleEndian(Memory.Span(plan.Buffers[^1]));
        return written != 10 || type > 3 ? $"a request was answered with {type} in {written} bytes" : null;
    }

    /// <inheritdoc/>
    public override void Act(ref Choices choices) => _device.RequestedBytes = (ulong)choices.Below(Blocks + 1) * Block;

    /// <inheritdoc/>
    public override bool MustAnswer(int queue, ulong features) => true;

    /// <inheritdoc/>
    public override string? FindFault() =>
        _device.Metrics.PluggedBytes > PageLength ? $"{_device.Metrics.PluggedBytes} bytes are plugged of {PageLength}" : null;

    /// <inheritdoc/>
    protected override VirtioDevice Make(IoThread thread)
    {
        GuestMemoryRegion region = null!;
        foreach (GuestMemoryRegion candidate in Memory.Memory.Regions)
        {
            region = candidate.Range.Start.Value == Pages ? candidate : region;
        }

        return _device = new MemoryDevice(region, Block, PageLength / 2, thread);
    }
}
