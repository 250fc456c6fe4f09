namespace StratoVirt.Machine.Boot.X64.Acpi.Aml;

/// <summary>Resource descriptors (ACPI 6.5 §6.4).</summary>
internal static class Resource
{
    // Resource types of address space descriptors, and the one flag of memory that is not zero.
    private const byte MemoryRange = 0;
    private const byte BusNumberRange = 2;
    private const byte Writable = 1;

    /// <summary>Small item, type 0xF, length 1; a checksum of zero is taken as good (§6.4.2.9).</summary>
    public static AmlResource EndTag { get; } = new([0x79, 0x00]);

    /// <summary>Fixed I/O ports, decoding 16 address bits (§6.4.2.5).</summary>
    public static AmlResource Io(ushort port, byte length)
    {
        const byte Descriptor = 0x47;
        const byte Decode16 = 1;
        TableWriter writer = new();
        writer.Byte(Descriptor);
        writer.Byte(Decode16);
        writer.UInt16(port);
        writer.UInt16(port);
        writer.Byte(1);
        writer.Byte(length);
        return new AmlResource([.. writer.Written]);
    }

    /// <summary>A fixed range of memory below 4 GiB, readable and writable (§6.4.3.4).</summary>
    public static AmlResource Memory(uint address, uint length)
    {
        const byte Descriptor = 0x86;
        const ushort BodyLength = 9;
        TableWriter writer = new();
        writer.Byte(Descriptor);
        writer.UInt16(BodyLength);
        writer.Byte(Writable);
        writer.UInt32(address);
        writer.UInt32(length);
        return new AmlResource([.. writer.Written]);
    }

    /// <summary>The bus numbers a bridge produces (§6.4.3.5.3, word address space).</summary>
    public static AmlResource BusNumbers(ushort first, ushort last)
    {
        const byte Descriptor = 0x88;
        TableWriter writer = new();
        WriteWindowHeader(writer, Descriptor, BusNumberRange, specific: 0, fields: sizeof(ushort));
        foreach (ushort field in (ReadOnlySpan<ushort>)[0, first, last, 0, (ushort)(last - first + 1)])
        {
            writer.UInt16(field);
        }

        return new AmlResource([.. writer.Written]);
    }

    /// <summary>Memory below 4 GiB that a bridge forwards (§6.4.3.5.2, double word address space).</summary>
    public static AmlResource Window32(uint start, uint length)
    {
        const byte Descriptor = 0x87;
        TableWriter writer = new();
        WriteWindowHeader(writer, Descriptor, MemoryRange, Writable, fields: sizeof(uint));
        foreach (uint field in (ReadOnlySpan<uint>)[0, start, start + length - 1, 0, length])
        {
            writer.UInt32(field);
        }

        return new AmlResource([.. writer.Written]);
    }

    /// <summary>Memory that a bridge forwards (§6.4.3.5.1, quad word address space).</summary>
    public static AmlResource Window64(ulong start, ulong length)
    {
        const byte Descriptor = 0x8A;
        TableWriter writer = new();
        WriteWindowHeader(writer, Descriptor, MemoryRange, Writable, fields: sizeof(ulong));
        foreach (ulong field in (ReadOnlySpan<ulong>)[0, start, start + length - 1, 0, length])
        {
            writer.UInt64(field);
        }

        return new AmlResource([.. writer.Written]);
    }

    /// <summary>One interrupt: consumer, edge-triggered, active high (§6.4.3.6, extended interrupt).</summary>
    public static AmlResource EdgeInterrupt(uint gsi, bool shared = false)
    {
        const byte Descriptor = 0x89;
        const ushort BodyLength = 6;
        const byte ConsumerEdgeTriggered = 0b11;
        const byte Shared = 1 << 3;
        TableWriter writer = new();
        writer.Byte(Descriptor);
        writer.UInt16(BodyLength);
        writer.Byte((byte)(ConsumerEdgeTriggered | (shared ? Shared : 0)));
        writer.Byte(1);
        writer.UInt32(gsi);
        return new AmlResource([.. writer.Written]);
    }

    // Producer, positive decode, minimum and maximum fixed (§6.4.3.5, general flags).
    private static void WriteWindowHeader(TableWriter writer, byte descriptor, byte type, byte specific, int fields)
    {
        const byte MinimumAndMaximumFixed = 0b1100;
        const int Header = 3;
        const int Fields = 5;
        writer.Byte(descriptor);
        writer.UInt16((ushort)(Header + (Fields * fields)));
        writer.Byte(type);
        writer.Byte(MinimumAndMaximumFixed);
        writer.Byte(specific);
    }
}
