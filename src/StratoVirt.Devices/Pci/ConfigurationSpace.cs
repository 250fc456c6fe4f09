using System.Buffers.Binary;
using System.Collections.Immutable;

namespace StratoVirt.Devices.Pci;

/// <summary>
/// The 4 KiB of configuration space of one function: a type 0 header, a list of capabilities, and which bits of them a
/// guest may change. There are no extended capabilities: what lies behind the first 256 bytes reads as zero, which ends
/// their list before it begins (PCI Express 4.0 §7.6.2). Plain data: not synchronised, knows no side effects.
/// </summary>
public sealed class ConfigurationSpace
{
    /// <summary>Bytes a guest can address.</summary>
    public const int Length = 4096;

    /// <summary>Bytes that hold anything.</summary>
    public const int HeldLength = 256;

    private const int NextCapabilityOffset = 1;

    private readonly byte[] _bytes = new byte[HeldLength];
    private readonly byte[] _atPowerOn = new byte[HeldLength];
    private readonly byte[] _writable = new byte[HeldLength];
    private int _lastLink = PciRegister.CapabilityPointer;
    private int _end = PciRegister.FirstCapability;

    /// <summary>A header without base address registers and capabilities.</summary>
    public ConfigurationSpace(PciIdentity identity)
    {
        ArgumentNullException.ThrowIfNull(identity);
        Define16(PciRegister.Vendor, identity.Vendor);
        Define16(PciRegister.Device, identity.Device);
        Define32(PciRegister.Revision, identity.Revision | (identity.Class << 8));
        Define16(PciRegister.SubsystemVendor, identity.SubsystemVendor);
        Define16(PciRegister.SubsystemDevice, identity.SubsystemDevice);
        BinaryPrimitives.WriteUInt16LittleEndian(_writable.AsSpan(PciRegister.Command), PciRegister.CommandWritable);
        _writable[PciRegister.CacheLineSize] = 0xFF;
        _writable[PciRegister.InterruptLine] = 0xFF;
    }

    /// <summary>Appends a capability to the list.</summary>
    /// <param name="id">Capability ID.</param>
    /// <param name="body">What follows ID and next pointer.</param>
    /// <returns>Offset of the capability's first byte.</returns>
    /// <exception cref="InvalidOperationException">There is no room left.</exception>
    public int AddCapability(byte id, ReadOnlySpan<byte> body)
    {
        const int header = 2;
        int at = _end;
        if (at + header + body.Length > HeldLength)
        {
            throw new InvalidOperationException($"Capability 0x{id:x2} does not fit behind offset 0x{at:x}.");
        }

        Define(at, [id, 0]);
        Define(at + header, body);
        Define(_lastLink, [(byte)at]);
        Define16(PciRegister.Status, PciRegister.CapabilityList);
        _lastLink = at + NextCapabilityOffset;

        // Capabilities are aligned to 32 bits (PCI 3.0 §6.7).
        _end = (at + header + body.Length + 3) & ~3;
        return at;
    }

    /// <summary>Sets a register's value at power on.</summary>
    public void Define32(int offset, uint value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        Define(offset, bytes);
    }

    /// <summary>Lets the guest change bits of a register.</summary>
    public void AllowWrites32(int offset, uint mask) =>
        BinaryPrimitives.WriteUInt32LittleEndian(_writable.AsSpan(offset, sizeof(uint)), mask);

    /// <summary>16 bits at an offset below <see cref="HeldLength"/>.</summary>
    public ushort Read16(int offset) => BinaryPrimitives.ReadUInt16LittleEndian(_bytes.AsSpan(offset));

    /// <summary>32 bits at an offset below <see cref="HeldLength"/>.</summary>
    public uint Read32(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(_bytes.AsSpan(offset));

    /// <summary>The guest reads; <paramref name="offset"/> is not negative, and zero lies behind the end.</summary>
    public void Read(int offset, Span<byte> data)
    {
        for (int i = 0; i < data.Length; i++)
        {
            data[i] = offset + i < HeldLength ? _bytes[offset + i] : (byte)0;
        }
    }

    /// <summary>The guest writes; changes the bits it may change.</summary>
    public void Write(int offset, ReadOnlySpan<byte> data)
    {
        for (int i = 0; i < data.Length && offset + i < HeldLength; i++)
        {
            byte mask = _writable[offset + i];
            _bytes[offset + i] = (byte)((_bytes[offset + i] & ~mask) | (data[i] & mask));
        }
    }

    /// <summary>The device itself changes bytes, whatever the guest may.</summary>
    public void Store(int offset, ReadOnlySpan<byte> data) => data.CopyTo(_bytes.AsSpan(offset));

    /// <summary>Back to the values at power on.</summary>
    public void Reset() => _atPowerOn.CopyTo(_bytes, 0);

    /// <summary>A copy of the bytes held.</summary>
    public ImmutableArray<byte> Save() => [.. _bytes];

    /// <summary>Takes over, from a copy of as many bytes, what a guest can have changed; the rest stays as it is defined.</summary>
    public void Restore(ReadOnlySpan<byte> saved)
    {
        Reset();
        Write(0, saved);
    }

    private void Define16(int offset, ushort value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, value);
        Define(offset, bytes);
    }

    private void Define(int offset, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_bytes.AsSpan(offset));
        bytes.CopyTo(_atPowerOn.AsSpan(offset));
    }
}
