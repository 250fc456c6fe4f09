using System.Buffers.Binary;
using StratoVirt.Devices.Bus;

namespace StratoVirt.Devices.Pci;

/// <summary>
/// A PC's way to configuration space (PCI 3.0 §3.2.2.3.2): an address register of 32 bits, accessed whole, and a data
/// window of four bytes behind it. They reach the first 256 bytes of a function.
/// </summary>
public sealed class PciConfigurationPorts : IBusDevice
{
    /// <summary>Bytes of address space.</summary>
    public const ulong Length = 8;

    private const int DataOffset = 4;
    private const uint Enable = 1u << 31;

    // Bits 30:24 are reserved, bits 1:0 are zero.
    private const uint Kept = Enable | 0x00FF_FFFC;

    private readonly PciRoot _root;
    private uint _address;

    internal PciConfigurationPorts(PciRoot root) => _root = root;

    /// <inheritdoc/>
    public void Read(ulong offset, Span<byte> data)
    {
        uint address = Volatile.Read(ref _address);
        if (offset == 0 && data.Length == sizeof(uint))
        {
            BinaryPrimitives.WriteUInt32LittleEndian(data, address);
        }
        else if (IsData(offset, data.Length, address))
        {
            _root.ReadConfiguration(Bus(address), Slot(address), Function(address), Register(address, offset), data);
        }
        else
        {
            data.Fill(0xFF);
        }
    }

    /// <inheritdoc/>
    public void Write(ulong offset, ReadOnlySpan<byte> data)
    {
        uint address = Volatile.Read(ref _address);
        if (offset == 0 && data.Length == sizeof(uint))
        {
            Volatile.Write(ref _address, BinaryPrimitives.ReadUInt32LittleEndian(data) & Kept);
        }
        else if (IsData(offset, data.Length, address))
        {
            _root.WriteConfiguration(Bus(address), Slot(address), Function(address), Register(address, offset), data);
        }
    }

    /// <summary>The machine's reset.</summary>
    public void Reset() => Volatile.Write(ref _address, 0);

    /// <summary>The address register. The vCPUs are held.</summary>
    public PciConfigurationPortsState Save() => new() { Address = Volatile.Read(ref _address) };

    /// <summary>Takes a saved address register over. The vCPUs are held.</summary>
    /// <exception cref="DeviceStateException">The state is of another version.</exception>
    public void Restore(PciConfigurationPortsState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        DeviceStateException.CheckVersion("the PCI configuration ports", state.Version, PciConfigurationPortsState.CurrentVersion);
        Volatile.Write(ref _address, state.Address & Kept);
    }

    private static bool IsData(ulong offset, int length, uint address) =>
        offset >= DataOffset && offset + (ulong)length <= Length && (address & Enable) != 0;

    private static int Bus(uint address) => (int)(address >> 16) & 0xFF;

    private static int Slot(uint address) => (int)(address >> 11) & (PciRoot.SlotCount - 1);

    private static int Function(uint address) => (int)(address >> 8) & 7;

    private static int Register(uint address, ulong offset) => (int)(address & 0xFC) + (int)(offset - DataOffset);
}
