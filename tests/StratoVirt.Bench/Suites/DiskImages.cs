using System.Buffers.Binary;

namespace StratoVirt.Bench.Suites;

/// <summary>Disk images whose every sector begins with its number, as the benchmark guest expects.</summary>
internal static class DiskImages
{
    /// <summary>Bytes of an image.</summary>
    public const long Size = 256L << 20;

    private const int SectorSize = 512;
    private const int ChunkSize = 1 << 20;

    /// <summary>Writes an image and brings it to the disk.</summary>
    public static void Write(string path)
    {
        var chunk = new byte[ChunkSize];
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        for (long offset = 0; offset < Size; offset += ChunkSize)
        {
            for (int at = 0; at < ChunkSize; at += SectorSize)
            {
                BinaryPrimitives.WriteInt64LittleEndian(chunk.AsSpan(at), (offset + at) / SectorSize);
            }

            file.Write(chunk);
        }

        file.Flush(flushToDisk: true);
    }

    /// <summary>Brings an image into the page cache and looks whether every sector still begins with its number.</summary>
    /// <exception cref="BenchException">One does not: a write went elsewhere.</exception>
    public static void Verify(string path)
    {
        var chunk = new byte[ChunkSize];
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        for (long offset = 0; offset < Size; offset += ChunkSize)
        {
            file.ReadExactly(chunk);
            for (int at = 0; at < ChunkSize; at += SectorSize)
            {
                if (BinaryPrimitives.ReadInt64LittleEndian(chunk.AsSpan(at)) != (offset + at) / SectorSize)
                {
                    throw new BenchException($"Sector {(offset + at) / SectorSize} of {path} holds what belongs elsewhere.");
                }
            }
        }
    }
}
