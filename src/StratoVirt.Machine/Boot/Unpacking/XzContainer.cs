using System.Buffers;
using System.Buffers.Binary;
using SharpCompress.Compressors.LZMA;

namespace StratoVirt.Machine.Boot.Unpacking;

/// <summary>
/// Unpacks an xz stream as kernels carry it (xz-file-format 1.2.1): blocks of LZMA2, perhaps behind the x86 branch
/// filter, each with a CRC-32. The container is read here, because it decides how much memory a decoder may take and
/// because checksums are to be verified; LZMA2 itself is decoded by SharpCompress. The index behind the last block is
/// not read: it repeats what the blocks have proven.
/// </summary>
internal static class XzContainer
{
    private const int BufferLength = 64 << 10;

    /// <summary>Check type CRC-32 (§2.1.1.2), the only one kernels can verify themselves.</summary>
    private const byte CheckCrc32 = 1;

    /// <summary>Unpacks all blocks.</summary>
    /// <exception cref="InvalidDataException">The data is damaged.</exception>
    public static void Unpack(Stream source, Stream output)
    {
        using XzInput input = new(source);
        ReadStreamHeader(input);
        while (true)
        {
            long blockStart = input.Position;
            byte sizeByte = (byte)input.ReadByte();
            if (sizeByte == 0)
            {
                return;
            }

            XzBlockHeader header = XzBlockHeader.Read(input, sizeByte);
            uint checksum = UnpackBlock(input, header, output);
            while (((input.Position - blockStart) & 3) != 0)
            {
                if (input.ReadByte() != 0)
                {
                    throw new InvalidDataException("The padding of an xz block is not zero.");
                }
            }

            if (input.ReadUInt32() != checksum)
            {
                throw new InvalidDataException("An xz block fails its checksum.");
            }
        }
    }

    private static void ReadStreamHeader(XzInput input)
    {
        Span<byte> header = stackalloc byte[12];
        input.ReadExactly(header);
        bool isSound = header.StartsWith((ReadOnlySpan<byte>)[0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0])
            && Crc32.Compute(header[6..8]) == BinaryPrimitives.ReadUInt32LittleEndian(header[8..]);
        if (!isSound || header[6] != 0 || header[7] != CheckCrc32)
        {
            throw new InvalidDataException("The xz stream header is damaged, or its check is not CRC-32.");
        }
    }

    private static uint UnpackBlock(XzInput input, XzBlockHeader header, Stream output)
    {
        using LzmaStream lzma = LzmaStream.Create([header.DictionaryProperty], input, leaveOpen: true);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferLength);
        X86BranchFilter filter = default;
        Crc32 checksum = default;
        int pending = 0;
        try
        {
            while (true)
            {
                int count = lzma.Read(buffer, pending, BufferLength - pending);
                int available = pending + count;
                int final = header.HasX86Filter && count > 0 ? filter.Convert(buffer.AsSpan(0, available)) : available;
                checksum.Add(buffer.AsSpan(0, final));
                output.Write(buffer.AsSpan(0, final));
                pending = available - final;
                buffer.AsSpan(final, pending).CopyTo(buffer);
                if (count == 0)
                {
                    return checksum.Value;
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
