using StratoVirt.Devices.Bus;
using StratoVirt.Devices.Pci;
using StratoVirt.Devices.Tests.Bus;
using StratoVirt.Testing;
using StratoVirt.Testing.Virtio;

namespace StratoVirt.Devices.Tests.Pci;

/// <summary>A root bus on a memory bus, with a window below and one above 4 GiB and a chip between them.</summary>
internal sealed class PciMachine
{
    internal const ulong Ecam = 0xE000_0000;
    internal const ulong LowWindow = 0xD000_0000;
    internal const ulong LowWindowLength = 0x1000_0000;
    internal const ulong HighWindow = 0x80_0000_0000;
    internal const ulong HighWindowLength = 0x1_0000_0000;

    internal PciMachine()
    {
        Mapper = new IoBusBarMapper(
            Memory, [new BarWindow(LowWindow, LowWindowLength), new BarWindow(HighWindow, HighWindowLength)]);
        Root = new PciRoot(Mapper);
        Memory.Add(Ecam, PciRoot.EcamLengthPerBus, "ECAM", Root.Ecam);
        Memory.Add(0xFEC0_0000, 0x1000, "chip", new EchoDevice());
    }

    internal IoBus Memory { get; } = IoBus.ForMemory();

    internal IoBusBarMapper Mapper { get; }

    internal PciRoot Root { get; }

    internal RecordingMsiRouter Router { get; } = new();

    /// <summary>What is on the memory bus, by address.</summary>
    internal string Map => string.Join('\n', Memory.Map.Mappings.ToArray().Select(mapping => mapping.ToString()));

    internal PciFunctionDriver Driver(int slot) => new(Root.Ecam, Memory, slot);
}
