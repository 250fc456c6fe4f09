namespace StratoVirt.Machine.Boot.X64.Acpi;

/// <summary>The extended system description table: addresses of the others (ACPI 6.5 §5.2.8).</summary>
internal static class Xsdt
{
    private const byte Revision = 1;

    /// <summary>A table of tables.</summary>
    public static byte[] Build(ReadOnlySpan<ulong> tables)
    {
        TableWriter body = new();
        foreach (ulong table in tables)
        {
            body.UInt64(table);
        }

        return SystemTable.Build("XSDT", Revision, body.Written);
    }
}
