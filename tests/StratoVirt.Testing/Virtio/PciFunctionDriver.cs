using System.Runtime.InteropServices;
using StratoVirt.Devices.Bus;
using StratoVirt.Devices.Pci;

namespace StratoVirt.Testing.Virtio;

/// <summary>The kernel's side of one PCI function in a slot of bus 0: configuration space by ECAM, memory by the bus.</summary>
/// <param name="ecam">Configuration space.</param>
/// <param name="bus">Guest physical addresses.</param>
/// <param name="slot">The slot.</param>
public sealed class PciFunctionDriver(IBusDevice ecam, IoBus bus, int slot)
{
    private const int MessageControl = 2;
    private const int TableLocation = 4;
    private const int VectorControl = 12;

    /// <summary>Whether a device answers in the slot.</summary>
    public bool IsPresent => Read<uint>(PciRegister.Vendor) != uint.MaxValue;

    /// <summary>Reads configuration space.</summary>
    public T Read<T>(int register)
        where T : unmanaged
    {
        T value = default;
        ecam.Read(((ulong)slot << 15) + (ulong)register, MemoryMarshal.AsBytes(new Span<T>(ref value)));
        return value;
    }

    /// <summary>Writes configuration space.</summary>
    public void Write<T>(int register, T value)
        where T : unmanaged =>
        ecam.Write(((ulong)slot << 15) + (ulong)register, MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)));

    /// <summary>Reads memory; ones where nobody answers.</summary>
    public T ReadMemory<T>(ulong address)
        where T : unmanaged
    {
        T value = default;
        bus.Read(address, MemoryMarshal.AsBytes(new Span<T>(ref value)));
        return value;
    }

    /// <summary>Writes memory.</summary>
    public void WriteMemory<T>(ulong address, T value)
        where T : unmanaged => bus.Write(address, MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)));

    /// <summary>The capabilities' offsets, in order.</summary>
    /// <exception cref="InvalidOperationException">The list does not end.</exception>
    public IReadOnlyList<int> FindCapabilities(byte id)
    {
        List<int> found = [];
        int at = (Read<ushort>(PciRegister.Status) & PciRegister.CapabilityList) != 0 ? Read<byte>(PciRegister.CapabilityPointer) : 0;
        for (int steps = 0; at != 0; steps++)
        {
            if (steps == 48 || at < PciRegister.FirstCapability || at % 4 != 0)
            {
                throw new InvalidOperationException($"The capability list is broken at 0x{at:x}.");
            }

            if (Read<byte>(at) == id)
            {
                found.Add(at);
            }

            at = Read<byte>(at + 1);
        }

        return found;
    }

    /// <summary>Bytes behind a 64-bit base address register, found out as kernels do, with decoding off.</summary>
    public ulong MeasureBar(int index)
    {
        ushort command = Read<ushort>(PciRegister.Command);
        Write(PciRegister.Command, (ushort)(command & ~PciRegister.MemorySpace));
        int register = PciRegister.FirstBar + (index * sizeof(uint));
        uint low = Read<uint>(register);
        uint high = Read<uint>(register + 4);
        Write(register, uint.MaxValue);
        Write(register + 4, uint.MaxValue);
        ulong mask = (Read<uint>(register) & ~0xFu) | ((ulong)Read<uint>(register + 4) << 32);
        Write(register, low);
        Write(register + 4, high);
        Write(PciRegister.Command, command);
        return ~mask + 1;
    }

    /// <summary>Places a 64-bit base address register and decodes it.</summary>
    public void PlaceBar(int index, ulong address)
    {
        SetDecode(false);
        int register = PciRegister.FirstBar + (index * sizeof(uint));
        Write(register, (uint)address);
        Write(register + 4, (uint)(address >> 32));
        SetDecode(true);
    }

    /// <summary>Decodes base address registers, or not.</summary>
    public void SetDecode(bool on) => Write(
        PciRegister.Command,
        (ushort)((Read<ushort>(PciRegister.Command) & ~PciRegister.MemorySpace) | PciRegister.BusMaster | (on ? PciRegister.MemorySpace : 0)));

    /// <summary>Puts MSI-X in use in the order Linux does: enabled and masked as a whole, entries filled, then unmasked.</summary>
    /// <param name="barAddress">Where the base address register with the table is.</param>
    /// <param name="message">The message of a vector: address and data.</param>
    /// <returns>Vectors.</returns>
    public int EnableMsix(ulong barAddress, Func<int, (ulong Address, uint Data)> message)
    {
        ArgumentNullException.ThrowIfNull(message);
        int capability = FindCapabilities(0x11).Single();
        int count = (Read<ushort>(capability + MessageControl) & 0x7FF) + 1;
        Write(capability + MessageControl, (ushort)0xC000);
        for (int vector = 0; vector < count; vector++)
        {
            (ulong address, uint data) = message(vector);
            ulong entry = MsixEntry(barAddress, vector);
            WriteMemory(entry, (uint)address);
            WriteMemory(entry + 4, (uint)(address >> 32));
            WriteMemory(entry + 8, data);
        }

        Write(capability + MessageControl, (ushort)0x8000);
        for (int vector = 0; vector < count; vector++)
        {
            Mask(barAddress, vector, masked: false);
        }

        return count;
    }

    /// <summary>Masks or unmasks a vector.</summary>
    public void Mask(ulong barAddress, int vector, bool masked) =>
        WriteMemory(MsixEntry(barAddress, vector) + VectorControl, masked ? 1u : 0u);

    private ulong MsixEntry(ulong barAddress, int vector) =>
        barAddress + (Read<uint>(FindCapabilities(0x11).Single() + TableLocation) & ~7u) + ((ulong)vector * 16);
}
