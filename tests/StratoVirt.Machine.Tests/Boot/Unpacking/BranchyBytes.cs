namespace StratoVirt.Machine.Tests.Boot.Unpacking;

/// <summary>
/// Bytes full of CALL and JMP opcodes and of the bytes that decide whether they are converted, and the same packed by
/// <c>xz --check=crc32 --x86 --lzma2=preset=9,dict=1MiB</c>.
/// </summary>
internal static class BranchyBytes
{
    public const int Length = 40_000;

    public static byte[] Create()
    {
        byte[] bytes = new byte[Length];
        uint state = 12345;
        for (int i = 0; i < Length; i++)
        {
            state = unchecked((state * 1664525) + 1013904223);
            byte other = (byte)(state >> 16);
            bytes[i] = ((state >> 24) & 7) switch
            {
                0 => 0xE8,
                1 => 0xE9,
                3 => 0xFF,
                4 or 5 => other,
                7 => 0x0F,
                _ => 0x00,
            };
        }

        return bytes;
    }

    public static byte[] ReadXz()
    {
        using Stream resource = typeof(BranchyBytes).Assembly.GetManifestResourceStream("branchy-x86.xz")!;
        byte[] packed = new byte[resource.Length];
        resource.ReadExactly(packed);
        return packed;
    }
}
