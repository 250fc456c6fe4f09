namespace StratoVirt.Machine.Boot.X64;

/// <summary>
/// Processors and interrupt wiring as the MultiProcessor Specification 1.4 has them: a floating pointer (§4.1) with
/// the configuration table (§4.2, §4.3) behind it. What a machine without ACPI tables offers instead.
/// </summary>
internal static class MpTable
{
    private const int PointerLength = 16;
    private const int HeaderLength = 44;
    private const byte SpecificationRevision = 4;
    private const byte LocalApicVersion = 0x14;
    private const byte IoApicVersion = 0x11;
    private const byte Enabled = 1;
    private const byte BootProcessor = 2;
    private const byte IsaBus = 0;
    private const byte AllLocalApics = 0xFF;

    /// <summary>CPUID signature of a family 6 processor and its FPU and APIC bits: Linux asks CPUID, not this.</summary>
    private const uint ProcessorSignature = 0x600;
    private const uint ProcessorFeatures = (1 << 0) | (1 << 9);

    private enum EntryType : byte
    {
        Processor = 0,
        Bus = 1,
        IoApic = 2,
        IoInterrupt = 3,
        LocalInterrupt = 4,
    }

    private enum InterruptType : byte
    {
        Vectored = 0,
        NonMaskable = 1,
        External = 3,
    }

    /// <summary>Writes pointer and table at <see cref="Layout.MpTable"/>.</summary>
    /// <param name="memory">Guest memory.</param>
    /// <param name="cpus">Processors; their local APIC ids are their indices, the I/O APIC takes the next.</param>
    public static void Write(BootMemory memory, int cpus)
    {
        TableWriter entries = new();
        ushort count = WriteEntries(entries, cpus);

        TableWriter table = new();
        table.Bytes("PCMP"u8);
        table.UInt16((ushort)(HeaderLength + entries.Length));
        table.Byte(SpecificationRevision);
        table.Byte(0);
        table.Text("STRATOVT", 8);
        table.Text("MICROVM", 12);
        table.UInt32(0);
        table.UInt16(0);
        table.UInt16(count);
        table.UInt32((uint)Layout.LocalApic);
        table.UInt32(0);
        table.Bytes(entries.Written);
        table.Seal(checksumOffset: 7);

        TableWriter pointer = new();
        pointer.Bytes("_MP_"u8);
        pointer.UInt32((uint)Layout.MpTable + PointerLength);
        pointer.Byte(PointerLength / 16);
        pointer.Byte(SpecificationRevision);
        pointer.Byte(0);
        pointer.Zeros(5);
        pointer.Seal(checksumOffset: 10);

        memory.Write(Layout.MpTable, pointer.Written);
        memory.Write(Layout.MpTable + PointerLength, table.Written);
    }

    private static ushort WriteEntries(TableWriter table, int cpus)
    {
        byte ioApic = (byte)cpus;
        for (int cpu = 0; cpu < cpus; cpu++)
        {
            table.Byte((byte)EntryType.Processor);
            table.Byte((byte)cpu);
            table.Byte(LocalApicVersion);
            table.Byte((byte)(cpu == 0 ? Enabled | BootProcessor : Enabled));
            table.UInt32(ProcessorSignature);
            table.UInt32(ProcessorFeatures);
            table.Zeros(8);
        }

        table.Byte((byte)EntryType.Bus);
        table.Byte(IsaBus);
        table.Text("ISA", 6);

        table.Byte((byte)EntryType.IoApic);
        table.Byte(ioApic);
        table.Byte(IoApicVersion);
        table.Byte(Enabled);
        table.UInt32((uint)Layout.IoApic);

        // KVM wires interrupt n to input n, without the detour of the PC's timer through input 2. Inputs above the
        // PC's sixteen are virtio-mmio transports'.
        for (int irq = 0; irq < Layout.IoApicPins; irq++)
        {
            WriteInterrupt(table, EntryType.IoInterrupt, InterruptType.Vectored, (byte)irq, ioApic, (byte)irq);
        }

        WriteInterrupt(table, EntryType.LocalInterrupt, InterruptType.External, 0, 0, 0);
        WriteInterrupt(table, EntryType.LocalInterrupt, InterruptType.NonMaskable, 0, AllLocalApics, 1);
        return (ushort)(cpus + 2 + Layout.IoApicPins + 2);
    }

    // Flags 0: polarity and trigger mode as the bus has them, for ISA active high and edge.
    private static void WriteInterrupt(
        TableWriter table, EntryType entry, InterruptType type, byte irq, byte destination, byte input)
    {
        table.Byte((byte)entry);
        table.Byte((byte)type);
        table.UInt16(0);
        table.Byte(IsaBus);
        table.Byte(irq);
        table.Byte(destination);
        table.Byte(input);
    }
}
