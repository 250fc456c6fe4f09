namespace StratoVirt.Machine.Boot.X64.Acpi;

/// <summary>
/// The ACPI tables of the microVM, hardware-reduced (ACPI 6.5 §4.1): a machine without the fixed hardware that only
/// old PCs have. RSDP at <see cref="Layout.AcpiTables"/>, the others behind it.
/// </summary>
internal static class AcpiTables
{
    private const int TableAlignment = 64;

    /// <summary>Builds and writes all tables.</summary>
    /// <returns>Address of the RSDP.</returns>
    public static ulong Write(BootMemory memory, BootPlan plan)
    {
        ulong next = Layout.AcpiTables + TableAlignment;
        ulong dsdt = Place(memory, Dsdt.Build(plan.MmioSlots, plan.PciHighWindow), ref next);
        ulong fadt = Place(memory, Fadt.Build(dsdt), ref next);
        ulong madt = Place(memory, Madt.Build(plan.Cpus), ref next);
        ulong mcfg = Place(memory, Mcfg.Build(), ref next);
        ulong xsdt = Place(memory, Xsdt.Build([fadt, madt, mcfg]), ref next);
        memory.Write(Layout.AcpiTables, Rsdp.Build(xsdt));
        return Layout.AcpiTables;
    }

    private static ulong Place(BootMemory memory, ReadOnlySpan<byte> table, ref ulong next)
    {
        ulong address = next;
        next = (address + (ulong)table.Length + TableAlignment - 1) & ~(TableAlignment - 1UL);
        if (next > Layout.AcpiTables + Layout.AcpiTablesLength)
        {
            throw new InvalidOperationException("The ACPI tables are larger than the area kept for them.");
        }

        memory.Write(address, table);
        return address;
    }
}
