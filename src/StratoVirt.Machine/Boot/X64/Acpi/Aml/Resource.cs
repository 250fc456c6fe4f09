namespace StratoVirt.Machine.Boot.X64.Acpi.Aml;

/// <summary>Resource descriptors (ACPI 6.5 §6.4).</summary>
internal static class Resource
{
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
        const byte Writable = 1;
        TableWriter writer = new();
        writer.Byte(Descriptor);
        writer.UInt16(BodyLength);
        writer.Byte(Writable);
        writer.UInt32(address);
        writer.UInt32(length);
        return new AmlResource([.. writer.Written]);
    }

    /// <summary>One interrupt: consumer, edge-triggered, active high, not shared (§6.4.3.6, extended interrupt).</summary>
    public static AmlResource EdgeInterrupt(uint gsi)
    {
        const byte Descriptor = 0x89;
        const ushort BodyLength = 6;
        const byte ConsumerEdgeTriggered = 0b11;
        TableWriter writer = new();
        writer.Byte(Descriptor);
        writer.UInt16(BodyLength);
        writer.Byte(ConsumerEdgeTriggered);
        writer.Byte(1);
        writer.UInt32(gsi);
        return new AmlResource([.. writer.Written]);
    }
}
