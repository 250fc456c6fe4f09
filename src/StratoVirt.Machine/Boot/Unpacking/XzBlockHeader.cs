using System.Buffers.Binary;

namespace StratoVirt.Machine.Boot.Unpacking;

/// <summary>The header of an xz block (xz-file-format 1.2.1, §3.1), as far as kernels use it.</summary>
/// <param name="HasX86Filter">The x86 branch filter was applied before compression.</param>
/// <param name="DictionaryProperty">LZMA2's property byte, which encodes the dictionary size (§5.3.1).</param>
internal readonly record struct XzBlockHeader(bool HasX86Filter, byte DictionaryProperty)
{
    private const ulong X86FilterId = 0x04;
    private const ulong Lzma2FilterId = 0x21;

    /// <summary>Property byte of a 128 MiB dictionary, the largest that kernel builds ask for.</summary>
    private const byte MaxDictionaryProperty = 30;

    /// <summary>Reads a header of which the size byte, not zero, was taken already.</summary>
    /// <exception cref="InvalidDataException">It is damaged, or uses what kernels do not.</exception>
    public static XzBlockHeader Read(XzInput input, byte sizeByte)
    {
        Span<byte> header = stackalloc byte[(sizeByte + 1) * 4];
        header[0] = sizeByte;
        input.ReadExactly(header[1..]);
        if (Crc32.Compute(header[..^4]) != BinaryPrimitives.ReadUInt32LittleEndian(header[^4..]))
        {
            throw new InvalidDataException("An xz block header fails its checksum.");
        }

        byte flags = header[1];
        ReadOnlySpan<byte> rest = header[2..^4];
        int filters = (flags & 3) + 1;
        if ((flags & 0x40) != 0)
        {
            _ = TakeInteger(ref rest);
        }

        if ((flags & 0x80) != 0)
        {
            _ = TakeInteger(ref rest);
        }

        bool hasX86Filter = filters == 2;
        if (filters > 2 || (flags & 0x3C) != 0 || (hasX86Filter && (TakeInteger(ref rest) != X86FilterId || TakeInteger(ref rest) != 0)))
        {
            throw new InvalidDataException("An xz block uses filters other than x86 and LZMA2.");
        }

        if (TakeInteger(ref rest) != Lzma2FilterId || TakeInteger(ref rest) != 1 || rest.IsEmpty || rest[0] > MaxDictionaryProperty)
        {
            throw new InvalidDataException("An xz block does not use LZMA2, or uses it with a dictionary over 128 MiB.");
        }

        return new XzBlockHeader(hasX86Filter, rest[0]);
    }

    // Variable-length integers, §1.2: seven bits a byte, lowest first, at most nine bytes.
    private static ulong TakeInteger(ref ReadOnlySpan<byte> bytes)
    {
        ulong value = 0;
        for (int i = 0; i < Math.Min(9, bytes.Length); i++)
        {
            value |= (ulong)(bytes[i] & 0x7F) << (7 * i);
            if ((bytes[i] & 0x80) == 0)
            {
                bytes = bytes[(i + 1)..];
                return value;
            }
        }

        throw new InvalidDataException("An xz block header holds an integer without end.");
    }
}
