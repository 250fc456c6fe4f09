namespace StratoVirt.Machine.Boot.X64.Acpi;

/// <summary>The root system description pointer, revision 2 (ACPI 6.5 §5.2.5.3).</summary>
internal static class Rsdp
{
    private const byte Revision = 2;
    private const int LegacyLength = 20;
    private const int Length = 36;
    private const int ChecksumOffset = 8;
    private const int ExtendedChecksumOffset = 32;

    /// <summary>A pointer to the XSDT; there is no RSDT.</summary>
    public static byte[] Build(ulong xsdt)
    {
        TableWriter table = new();
        table.Bytes("RSD PTR "u8);
        table.Byte(0);
        table.Text(SystemTable.OemId, 6);
        table.Byte(Revision);
        table.UInt32(0);
        table.UInt32(Length);
        table.UInt64(xsdt);
        table.Zeros(4);
        table.Seal(ChecksumOffset, LegacyLength);
        table.Seal(ExtendedChecksumOffset);
        return table.Written.ToArray();
    }
}
