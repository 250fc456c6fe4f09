using System.Buffers.Binary;
using System.IO.Compression;
using K4os.Compression.LZ4;
using ZstdSharp;

namespace StratoVirt.Machine.Tests.Boot;

/// <summary>Packs kernels as the kernel's build does, for bzImages to carry.</summary>
internal static class Payloads
{
    public static byte[] Gzip(byte[] content)
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Optimal))
        {
            gzip.Write(content);
        }

        return packed.ToArray();
    }

    public static byte[] Zstd(byte[] content)
    {
        using Compressor compressor = new(19);
        return KernelBuilder.WithSizeWord(compressor.Wrap(content).ToArray(), content.Length);
    }

    public static byte[] Lz4(byte[] content)
    {
        const int BlockLength = 8 << 20;
        List<byte> packed = [0x02, 0x21, 0x4C, 0x18];
        Span<byte> word = stackalloc byte[4];
        for (int start = 0; start < content.Length; start += BlockLength)
        {
            ReadOnlySpan<byte> block = content.AsSpan(start, Math.Min(BlockLength, content.Length - start));
            byte[] buffer = new byte[LZ4Codec.MaximumOutputSize(block.Length)];
            int count = LZ4Codec.Encode(block, buffer, LZ4Level.L00_FAST);
            BinaryPrimitives.WriteInt32LittleEndian(word, count);
            packed.AddRange(word);
            packed.AddRange(buffer.AsSpan(0, count));
        }

        return KernelBuilder.WithSizeWord([.. packed], content.Length);
    }
}
