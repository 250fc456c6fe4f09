using System.Buffers.Binary;

namespace StratoVirt.Devices.Virtio.Transport;

/// <summary><c>struct virtio_pci_cap</c> (virtio 1.3 §4.1.4): tells a driver where a structure is. Offsets of fields are
/// from the capability's first byte.</summary>
internal static class VirtioPciCapability
{
    /// <summary>Vendor-specific capability.</summary>
    public const byte Id = 0x09;

    public const byte Registers = 1;
    public const byte Notify = 2;
    public const byte InterruptStatus = 3;
    public const byte Configuration = 4;

    /// <summary>A window into the others through configuration space (§4.1.4.9).</summary>
    public const byte Window = 5;

    public const int BarOffset = 4;
    public const int OffsetOffset = 8;
    public const int LengthOffset = 12;
    public const int WindowDataOffset = 16;

    private const int Length = 16;

    /// <summary>The capability without ID and next pointer.</summary>
    public static byte[] Describe(byte type, uint offset, uint length) => Describe(type, offset, length, []);

    /// <summary>The capability without ID and next pointer, followed by 32 bits of its own.</summary>
    public static byte[] Describe(byte type, uint offset, uint length, uint extra)
    {
        byte[] bytes = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, extra);
        return Describe(type, offset, length, bytes);
    }

    private static byte[] Describe(byte type, uint offset, uint length, byte[] extra)
    {
        byte[] whole = new byte[Length + extra.Length];
        whole[2] = (byte)whole.Length;
        whole[3] = type;
        whole[BarOffset] = VirtioPciLayout.Bar;
        BinaryPrimitives.WriteUInt32LittleEndian(whole.AsSpan(OffsetOffset), offset);
        BinaryPrimitives.WriteUInt32LittleEndian(whole.AsSpan(LengthOffset), length);
        extra.CopyTo(whole, Length);
        return whole[2..];
    }
}
