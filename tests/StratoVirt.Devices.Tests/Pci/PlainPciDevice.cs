using StratoVirt.Devices.Bus;
using StratoVirt.Devices.Pci;

namespace StratoVirt.Devices.Tests.Pci;

/// <summary>A function with a 64-bit base address register and a 32-bit one, which keeps what moved.</summary>
internal sealed class PlainPciDevice : PciDevice
{
    internal const ulong WideLength = 0x4000;
    internal const ulong NarrowLength = 0x1000;

    internal PlainPciDevice(IBusDevice? wide = null, IBusDevice? narrow = null)
        : base("plain", new PciIdentity(0x1234, 0x5678, 9, 0x0A_0B_0C, 0x4321, 0x8765))
    {
        Wide = AddBar(0, WideLength, is64Bit: true, wide ?? new Bus.EchoDevice());
        Narrow = AddBar(2, NarrowLength, is64Bit: false, narrow ?? new Bus.EchoDevice());
    }

    internal Bar Wide { get; }

    internal Bar Narrow { get; }

    internal List<(int Bar, ulong? Address)> Moves { get; } = [];

    protected override void OnMoved(Bar bar) => Moves.Add((bar.Index, bar.Address));
}
