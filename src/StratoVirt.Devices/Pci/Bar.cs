using StratoVirt.Devices.Bus;

namespace StratoVirt.Devices.Pci;

/// <summary>
/// A memory base address register (PCI 3.0 §6.2.5.1). Its value lives in configuration space, where the bits below its
/// length cannot be written: a driver that writes ones and reads back learns the length.
/// </summary>
public sealed class Bar
{
    // No range that is aligned to its length, 16 bytes at least, starts here.
    private const ulong Nowhere = ulong.MaxValue;

    private readonly ConfigurationSpace _configuration;
    private readonly bool _is64Bit;
    private ulong _address = Nowhere;

    internal Bar(ConfigurationSpace configuration, int index, ulong length, bool is64Bit, IBusDevice device)
    {
        _configuration = configuration;
        _is64Bit = is64Bit;
        Index = index;
        Length = length;
        Device = device;
        configuration.Define32(Register, is64Bit ? PciRegister.Memory64 : 0);
        ulong mask = ~(length - 1);
        configuration.AllowWrites32(Register, (uint)mask);
        if (is64Bit)
        {
            configuration.AllowWrites32(Register + sizeof(uint), (uint)(mask >> 32));
        }
    }

    /// <summary>The number of the register, its lower half if there are two.</summary>
    public int Index { get; }

    /// <summary>Bytes, a power of two.</summary>
    public ulong Length { get; }

    /// <summary>Where it answers at this moment; null while it does not.</summary>
    public ulong? Address => Volatile.Read(ref _address) is not Nowhere and ulong address ? address : null;

    /// <summary>Who answers.</summary>
    internal IBusDevice Device { get; }

    /// <summary>The address written to the register; null for 0, which is what an unassigned one holds.</summary>
    internal ulong? Programmed
    {
        get
        {
            const uint flags = 0xF;
            ulong value = _configuration.Read32(Register) & ~flags;
            value |= _is64Bit ? (ulong)_configuration.Read32(Register + sizeof(uint)) << 32 : 0;
            return value != 0 ? value : null;
        }
    }

    private int Register => PciRegister.FirstBar + (Index * sizeof(uint));

    internal void Moved(ulong? address) => Volatile.Write(ref _address, address ?? Nowhere);
}
