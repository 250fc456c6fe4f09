using StratoVirt.Devices.Bus;

namespace StratoVirt.Devices.Pci;

/// <summary>The enhanced configuration access mechanism: 4 KiB a function, functions in the order of bus, device and
/// function (PCI Express 4.0 §7.2.2).</summary>
public sealed class PciEcam : IBusDevice
{
    private const int BusShift = 20;
    private const int SlotShift = 15;
    private const int FunctionShift = 12;

    private readonly PciRoot _root;

    internal PciEcam(PciRoot root) => _root = root;

    /// <inheritdoc/>
    public void Read(ulong offset, Span<byte> data) =>
        _root.ReadConfiguration(Bus(offset), Slot(offset), Function(offset), Register(offset), data);

    /// <inheritdoc/>
    public void Write(ulong offset, ReadOnlySpan<byte> data) =>
        _root.WriteConfiguration(Bus(offset), Slot(offset), Function(offset), Register(offset), data);

    private static int Bus(ulong offset) => (int)Math.Min(offset >> BusShift, int.MaxValue);

    private static int Slot(ulong offset) => (int)(offset >> SlotShift) & (PciRoot.SlotCount - 1);

    private static int Function(ulong offset) => (int)(offset >> FunctionShift) & 7;

    private static int Register(ulong offset) => (int)offset & (ConfigurationSpace.Length - 1);
}
