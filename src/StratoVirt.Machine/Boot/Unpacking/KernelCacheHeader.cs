using System.Buffers.Binary;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace StratoVirt.Machine.Boot.Unpacking;

/// <summary>
/// The page in front of a cached kernel: magic number, hash of the packed bytes, unpacked length, and a hash over
/// these. A whole page, so that the kernel behind it keeps its alignment in the file.
/// </summary>
internal static class KernelCacheHeader
{
    /// <summary>Bytes in front of the kernel.</summary>
    public const int Length = 4096;

    private const int HashStart = 8;
    private const int LengthStart = HashStart + SHA256.HashSizeInBytes;
    private const int SealStart = LengthStart + sizeof(ulong);

    /// <summary>Format and version in one: another layout takes another number.</summary>
    private static ReadOnlySpan<byte> Magic => "SVKERN01"u8;

    /// <summary>The header for a kernel.</summary>
    public static byte[] Build(ReadOnlySpan<byte> hash, ulong unpackedLength)
    {
        byte[] header = new byte[Length];
        Magic.CopyTo(header);
        hash.CopyTo(header.AsSpan(HashStart));
        BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(LengthStart), unpackedLength);
        SHA256.HashData(header.AsSpan(0, SealStart), header.AsSpan(SealStart));
        return header;
    }

    /// <summary>Whether an open file is the whole entry for a kernel.</summary>
    public static bool IsSound(SafeFileHandle file, ReadOnlySpan<byte> hash, ulong unpackedLength)
    {
        byte[] header = new byte[Length];
        return RandomAccess.GetLength(file) == Length + (long)unpackedLength
            && RandomAccess.Read(file, header, 0) == Length
            && header.AsSpan().SequenceEqual(Build(hash, unpackedLength));
    }
}
