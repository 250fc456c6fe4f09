using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using StratoVirt.Machine.Boot.Images;
using ZstdSharp;

namespace StratoVirt.Machine.Boot.Unpacking;

/// <summary>
/// The compressed kernel inside a bzImage: an ELF vmlinux, perhaps followed by relocations that nobody needs who loads
/// it where it was linked to run. Its last four bytes are the unpacked length, written by the kernel's build behind
/// the compressed data (gzip's own trailer ends in the same word).
/// </summary>
internal sealed class BzImagePayload
{
    /// <summary>Longest unpacked kernel, in bytes. Distribution kernels unpack to 50 to 100 MiB.</summary>
    public const uint MaxUnpackedLength = 512u << 20;

    private const int SizeWordLength = 4;

    // Far above the granularity of any file system's clock (FAT: 2 s).
    private static readonly TimeSpan Rested = TimeSpan.FromMinutes(1);

    private readonly BootFile _file;
    private readonly long _offset;
    private readonly long _length;

    private BzImagePayload(BootFile file, long offset, long length, PayloadCompression compression, uint unpackedLength)
    {
        _file = file;
        _offset = offset;
        _length = length;
        Compression = compression;
        UnpackedLength = unpackedLength;
    }

    /// <summary>How it is compressed.</summary>
    public PayloadCompression Compression { get; }

    /// <summary>Bytes it unpacks to, at most <see cref="MaxUnpackedLength"/>.</summary>
    public uint UnpackedLength { get; }

    /// <summary>The kernel it is part of.</summary>
    public string KernelName => _file.Name;

    /// <summary>Finds the payload; null when it is compressed in a way this host does not unpack.</summary>
    /// <exception cref="MachineException">It is damaged.</exception>
    public static BzImagePayload? Find(BzImageKernel kernel)
    {
        BootFile file = kernel.File;
        long offset = kernel.Header.CodeOffset + kernel.Header.PayloadOffset;
        long length = kernel.Header.PayloadLength;
        if (length == 0)
        {
            return null;
        }

        Span<byte> magic = stackalloc byte[6];
        Span<byte> sizeWord = stackalloc byte[SizeWordLength];
        if (length < magic.Length + SizeWordLength
            || kernel.Header.PayloadOffset + length > kernel.CodeLength
            || !file.TryRead(offset, magic)
            || !file.TryRead(offset + length - SizeWordLength, sizeWord))
        {
            throw KernelFault.Corrupt(file.Name, $"its payload lies at 0x{offset:x}+0x{length:x} in a file of 0x{file.Length:x} bytes");
        }

        if (Recognise(magic) is not { } compression)
        {
            return null;
        }

        uint unpackedLength = BinaryPrimitives.ReadUInt32LittleEndian(sizeWord);
        if (unpackedLength > MaxUnpackedLength)
        {
            throw KernelFault.Corrupt(
                file.Name, $"its payload claims to unpack to {unpackedLength} bytes, more than the {MaxUnpackedLength} a kernel may");
        }

        // gzip ends in the size word itself; behind the others it was appended.
        long compressed = compression == PayloadCompression.Gzip ? length : length - SizeWordLength;
        return new BzImagePayload(file, offset, compressed, compression, unpackedLength);
    }

    /// <summary>
    /// What a cache knows this payload by: a digest of which file it is and when that last changed, which costs nothing,
    /// or of the compressed bytes where that does not settle it. A file changed a moment ago may change again within
    /// the same tick of the file system's clock, so it is known by its bytes until it has rested.
    /// </summary>
    /// <returns>32 bytes.</returns>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public byte[] ComputeKey()
    {
        if (_file.Status is { } status && DateTime.UtcNow - DateTime.UnixEpoch.AddTicks(status.Changed / 100) > Rested)
        {
            ReadOnlySpan<ulong> identity =
                [status.Device, status.Inode, status.Length, (ulong)status.Changed, (ulong)_offset, (ulong)_length];
            return SHA256.HashData(MemoryMarshal.AsBytes(identity));
        }

        using BootFileStream stream = _file.OpenRange(_offset, _length);
        return SHA256.HashData(stream);
    }

    /// <summary>Unpacks into memory, which lives as long as the file returned.</summary>
    /// <exception cref="MachineException">The payload is damaged.</exception>
    public BootFile UnpackToMemory()
    {
        using MemoryStream memory = new();
        Unpack(memory);
        return BootFile.FromMemory(KernelName, memory.GetBuffer().AsMemory(0, (int)memory.Length));
    }

    /// <summary>Unpacks into a stream.</summary>
    /// <exception cref="MachineException">The payload is damaged; what was written so far is worthless.</exception>
    /// <exception cref="IOException">The output cannot be written.</exception>
    public void Unpack(Stream output)
    {
        BoundedOutput bounded = new(output, UnpackedLength);
        try
        {
            using BootFileStream input = _file.OpenRange(_offset, _length);
            Decode(input, bounded);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException && !bounded.HasFailed)
        {
            // Decoders throw what they like on bytes they do not like: whatever it is, the payload is at fault.
            throw KernelFault.Corrupt(KernelName, $"its {Compression} payload cannot be unpacked", failure);
        }

        if (bounded.Written != UnpackedLength)
        {
            throw KernelFault.Corrupt(
                KernelName, $"its {Compression} payload unpacks to {bounded.Written} bytes instead of {UnpackedLength}");
        }
    }

    private void Decode(BootFileStream input, BoundedOutput output)
    {
        switch (Compression)
        {
            case PayloadCompression.Gzip:
                using (GZipStream gzip = new(input, CompressionMode.Decompress))
                {
                    gzip.CopyTo(output);
                }

                break;
            case PayloadCompression.Zstd:
                using (DecompressionStream zstd = new(input))
                {
                    zstd.CopyTo(output);
                }

                break;
            case PayloadCompression.Lz4:
                Lz4LegacyFrames.Unpack(input, output);
                break;
            case PayloadCompression.Xz:
                XzContainer.Unpack(input, output);
                break;
        }
    }

    private static PayloadCompression? Recognise(ReadOnlySpan<byte> magic) => magic switch
    {
        [0x1F, 0x8B, ..] => PayloadCompression.Gzip,
        [0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0] => PayloadCompression.Xz,
        [0x28, 0xB5, 0x2F, 0xFD, ..] => PayloadCompression.Zstd,
        [0x02, 0x21, 0x4C, 0x18, ..] => PayloadCompression.Lz4,
        _ => null,
    };
}
