using System.Text;

namespace StratoVirt.Machine.Boot.X64.Acpi;

/// <summary>A system description table: the common header (ACPI 6.5 §5.2.6) and a body, checksum included.</summary>
internal static class SystemTable
{
    /// <summary>Bytes of the header.</summary>
    public const int HeaderLength = 36;

    private const int ChecksumOffset = 9;

    /// <summary>Who made the table, six characters; the RSDP says it, too.</summary>
    public const string OemId = "STRATO";

    /// <summary>Builds a table.</summary>
    /// <param name="signature">Four characters.</param>
    /// <param name="revision">Revision of this kind of table.</param>
    /// <param name="body">What follows the header.</param>
    public static byte[] Build(string signature, byte revision, ReadOnlySpan<byte> body)
    {
        const uint OemRevision = 1;
        const uint CreatorRevision = 1;
        TableWriter table = new();
        table.Bytes(Encoding.ASCII.GetBytes(signature));
        table.UInt32((uint)(HeaderLength + body.Length));
        table.Byte(revision);
        table.Byte(0);
        table.Text(OemId, 6);
        table.Text("MICROVM", 8);
        table.UInt32(OemRevision);
        table.Text("SVPS", 4);
        table.UInt32(CreatorRevision);
        table.Bytes(body);
        table.Seal(ChecksumOffset);
        return table.Written.ToArray();
    }
}
