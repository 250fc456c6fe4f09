using System.Buffers.Binary;

namespace StratoVirt.Machine.Boot.Images;

/// <summary>The formats a kernel comes in.</summary>
internal enum ImageKind
{
    /// <summary>ELF.</summary>
    Elf,
    /// <summary>Linux bzImage.</summary>
    BzImage,
    /// <summary>Raw binary.</summary>
    Raw,
}

/// <summary>Tells formats apart by their magic numbers, and says what a file is instead when it is none of them.</summary>
internal static class ImageFormat
{
    /// <summary>Bytes at the start of a file in which all the magic numbers lie.</summary>
    private const int HeadLength = 0x268;

    private const string RawExtension = ".bin";

    /// <summary>The format of a file.</summary>
    /// <exception cref="MachineException">Empty, for another processor, or no kernel.</exception>
    public static ImageKind Detect(BootFile file)
    {
        if (file.Length == 0)
        {
            throw KernelFault.Corrupt(file.Name, "it is empty");
        }

        Span<byte> buffer = stackalloc byte[HeadLength];
        Span<byte> head = buffer[..(int)Math.Min(HeadLength, file.Length)];
        if (!file.TryRead(0, head))
        {
            throw KernelFault.Corrupt(file.Name, "it became shorter while it was read");
        }

        if (head.StartsWith("\u007fELF"u8))
        {
            return ImageKind.Elf;
        }

        if (Has(head, 0x202, "HdrS"u8) && Has(head, 0x1FE, [0x55, 0xAA]))
        {
            return ImageKind.BzImage;
        }

        RejectOtherArchitectures(file.Name, head);
        if (file.Name.EndsWith(RawExtension, StringComparison.OrdinalIgnoreCase))
        {
            return ImageKind.Raw;
        }

        throw KernelFault.Unrecognised(file.Name, Describe(head));
    }

    /// <summary>Whether a file begins as an ELF file does.</summary>
    public static bool IsElf(BootFile file)
    {
        Span<byte> magic = stackalloc byte[4];
        return file.TryRead(0, magic) && magic.SequenceEqual("\u007fELF"u8);
    }

    // Linux's flat images carry their magic at fixed offsets: Documentation/arch/arm64/booting.rst,
    // Documentation/arch/riscv/boot-image-header.rst.
    private static void RejectOtherArchitectures(string name, ReadOnlySpan<byte> head)
    {
        if (Has(head, 56, "ARM\x64"u8))
        {
            throw KernelFault.Architecture(name, "it is an arm64 Image");
        }

        if (Has(head, 56, "RSC\x05"u8) || Has(head, 48, "RISCV"u8))
        {
            throw KernelFault.Architecture(name, "it is a RISC-V Image");
        }

        if (head.Length >= 40 && BinaryPrimitives.ReadUInt32LittleEndian(head[36..]) == 0x016F2818)
        {
            throw KernelFault.Architecture(name, "it is a 32-bit ARM zImage");
        }
    }

    private static string Describe(ReadOnlySpan<byte> head) => head switch
    {
        [0x1F, 0x8B, ..] => "it is a gzip file; unpack it first",
        [0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', ..] => "it is an xz file; unpack it first",
        [0x28, 0xB5, 0x2F, 0xFD, ..] => "it is a zstd file; unpack it first",
        [(byte)'0', (byte)'7', (byte)'0', (byte)'7', ..] => "it is a cpio archive, perhaps the initrd",
        [(byte)'!', (byte)'<', (byte)'a', (byte)'r', (byte)'c', (byte)'h', (byte)'>', ..] => "it is a package or ar archive",
        [(byte)'M', (byte)'Z', 0, 0, (byte)'z', (byte)'i', (byte)'m', (byte)'g', ..] => "it is an EFI zboot image; unpack it first",
        [(byte)'M', (byte)'Z', ..] => "it is a Windows or EFI program without a Linux setup header",
        [(byte)'Q', (byte)'F', (byte)'I', 0xFB, ..] => "it is a qcow2 disk image",
        _ when IsText(head) => "it looks like text",
        _ => "its beginning matches no known format",
    };

    private static bool IsText(ReadOnlySpan<byte> head)
    {
        foreach (byte value in head)
        {
            if (value < 0x20 && value is not ((byte)'\t' or (byte)'\n' or (byte)'\r' or (byte)'\f' or 0x1B) || value == 0x7F)
            {
                return false;
            }
        }

        return true;
    }

    private static bool Has(ReadOnlySpan<byte> head, int offset, ReadOnlySpan<byte> magic) =>
        head.Length >= offset + magic.Length && head.Slice(offset, magic.Length).SequenceEqual(magic);
}
