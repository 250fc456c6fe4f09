namespace StratoVirt.Machine.Boot.X64.Acpi;

/// <summary>
/// The multiple APIC description table (ACPI 6.5 §5.2.12): one local APIC a vCPU, one I/O APIC. No interrupt source
/// overrides: KVM wires GSI n to input n, ISA interrupts are edge-triggered and active high, and each device says so
/// itself in the DSDT. PCAT_COMPAT is clear: nobody is to use the 8259s.
/// </summary>
internal static class Madt
{
    private const byte Revision = 5;
    private const byte LocalApicEntry = 0;
    private const byte IoApicEntry = 1;
    private const byte LocalApicNmiEntry = 4;
    private const byte AllProcessors = 0xFF;
    private const uint Enabled = 1;

    /// <summary>The table for so many vCPUs.</summary>
    public static byte[] Build(int cpus)
    {
        TableWriter body = new();
        body.UInt32((uint)Layout.LocalApic);
        body.UInt32(0);
        for (int cpu = 0; cpu < cpus; cpu++)
        {
            body.Byte(LocalApicEntry);
            body.Byte(8);
            body.Byte((byte)cpu);
            body.Byte((byte)cpu);
            body.UInt32(Enabled);
        }

        body.Byte(IoApicEntry);
        body.Byte(12);
        body.Byte((byte)cpus);
        body.Byte(0);
        body.UInt32((uint)Layout.IoApic);
        body.UInt32(0);

        // NMI arrives at LINT1 of every processor, as on any PC.
        body.Byte(LocalApicNmiEntry);
        body.Byte(6);
        body.Byte(AllProcessors);
        body.UInt16(0);
        body.Byte(1);
        return SystemTable.Build("APIC", Revision, body.Written);
    }
}
