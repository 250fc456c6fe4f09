using System.Buffers;
using System.Buffers.Binary;
using K4os.Compression.LZ4;

namespace StratoVirt.Machine.Boot.Unpacking;

/// <summary>
/// The legacy frame of the LZ4 frame format (lz4_Frame_format.md, "Legacy frame"), which the kernel's build still
/// uses: a magic number, then blocks of up to 8 MiB, each behind its packed length. It carries no checksum.
/// </summary>
internal static class Lz4LegacyFrames
{
    private const uint Magic = 0x184C2102;
    private const int BlockLength = 8 << 20;

    /// <summary>What the format allows an incompressible block to grow to.</summary>
    private const int MaxPackedLength = BlockLength + (BlockLength / 255) + 16;

    /// <summary>Unpacks all frames of a stream.</summary>
    /// <exception cref="InvalidDataException">The data is damaged.</exception>
    public static void Unpack(Stream input, Stream output)
    {
        byte[] packed = ArrayPool<byte>.Shared.Rent(MaxPackedLength);
        byte[] unpacked = ArrayPool<byte>.Shared.Rent(BlockLength);
        try
        {
            Span<byte> word = stackalloc byte[4];
            while (TryReadWord(input, word, out uint length))
            {
                if (length == Magic)
                {
                    continue;
                }

                if (length is 0 or > MaxPackedLength)
                {
                    throw new InvalidDataException($"A block of {length} bytes is longer than the format allows.");
                }

                input.ReadExactly(packed.AsSpan(0, (int)length));
                int count = LZ4Codec.Decode(packed.AsSpan(0, (int)length), unpacked.AsSpan(0, BlockLength));
                if (count <= 0)
                {
                    throw new InvalidDataException("A block does not decode.");
                }

                output.Write(unpacked.AsSpan(0, count));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(packed);
            ArrayPool<byte>.Shared.Return(unpacked);
        }
    }

    private static bool TryReadWord(Stream input, Span<byte> word, out uint value)
    {
        int count = input.ReadAtLeast(word, word.Length, throwOnEndOfStream: false);
        value = BinaryPrimitives.ReadUInt32LittleEndian(word);
        return count switch
        {
            0 => false,
            4 => true,
            _ => throw new InvalidDataException("The data ends within the length of a block."),
        };
    }
}
