namespace StratoVirt.Machine.Boot.X64.Acpi.Aml;

/// <summary>
/// PkgLength (ACPI 6.5 §20.2.4): how long a body is, counting the length's own bytes. One byte up to 63; else the top
/// two bits of the first say how many more follow, and its low four bits are the length's lowest.
/// </summary>
internal static class PackageLength
{
    private const int MaxInOneByte = 0x3F;
    private const int MaxLength = (1 << 28) - 1;

    /// <summary>The encoding for a body of so many bytes.</summary>
    public static byte[] Encode(int bodyLength)
    {
        if (bodyLength + 1 <= MaxInOneByte)
        {
            return [(byte)(bodyLength + 1)];
        }

        ArgumentOutOfRangeException.ThrowIfGreaterThan(bodyLength, MaxLength - 4);
        int more = 1;
        while (bodyLength + 1 + more >= 1 << (4 + (8 * more)))
        {
            more++;
        }

        int length = bodyLength + 1 + more;
        byte[] encoding = new byte[1 + more];
        encoding[0] = (byte)((more << 6) | (length & 0xF));
        for (int i = 0; i < more; i++)
        {
            encoding[1 + i] = (byte)(length >> (4 + (8 * i)));
        }

        return encoding;
    }
}
