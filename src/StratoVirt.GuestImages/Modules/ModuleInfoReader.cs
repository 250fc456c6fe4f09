using System.Buffers.Binary;
using System.Text;

namespace StratoVirt.GuestImages.Modules;

/// <summary>
/// Reads the <c>.modinfo</c> section of a kernel module: strings <c>key=value</c>, each ended by a NUL, in a 64-bit
/// little-endian relocatable ELF object (System V ABI, "Sections"; include/linux/moduleparam.h). The bytes are foreign:
/// every offset is checked against the file before it is followed.
/// </summary>
internal static class ModuleInfoReader
{
    private const int HeaderSize = 64;
    private const int SectionHeaderSize = 64;
    private const ushort TypeRelocatable = 1;

    // More dependencies than the kernel has modules are nonsense.
    private const int DependsLimit = 256;

    /// <summary>Reads a module.</summary>
    /// <param name="name">Its name in the kernel's spelling, as the file's name gives it.</param>
    /// <param name="image">The file's bytes.</param>
    /// <exception cref="GuestImageException"><see cref="GuestImageErrorId.ModuleDamaged"/>.</exception>
    public static ModuleInfo Read(string name, ReadOnlySpan<byte> image)
    {
        var depends = new List<string>();
        string release = string.Empty;
        ReadOnlySpan<byte> rest = FindSection(name, image, ".modinfo"u8);
        while (!rest.IsEmpty)
        {
            int end = rest.IndexOf((byte)0);
            ReadOnlySpan<byte> entry = end < 0 ? rest : rest[..end];
            rest = end < 0 ? [] : rest[(end + 1)..];
            if (entry.StartsWith("depends="u8))
            {
                AddDepends(name, Encoding.Latin1.GetString(entry["depends=".Length..]), depends);
            }
            else if (entry.StartsWith("vermagic="u8))
            {
                release = Encoding.Latin1.GetString(entry["vermagic=".Length..]).Split(' ', 2)[0];
            }
        }

        return new ModuleInfo(name, depends, release);
    }

    private static void AddDepends(string name, string list, List<string> depends)
    {
        foreach (string item in list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (!ModuleName.IsValid(item) || depends.Count == DependsLimit)
            {
                throw Damaged(name, "its list of dependencies is malformed");
            }

            depends.Add(ModuleName.Normalize(item));
        }
    }

    private static ReadOnlySpan<byte> FindSection(string name, ReadOnlySpan<byte> image, ReadOnlySpan<byte> wanted)
    {
        if (image.Length < HeaderSize || !image.StartsWith("\u007fELF"u8))
        {
            throw Damaged(name, "it is not an ELF file");
        }

        // e_ident[EI_CLASS] = ELFCLASS64, e_ident[EI_DATA] = ELFDATA2LSB, e_type = ET_REL.
        if (image[4] != 2 || image[5] != 1
            || BinaryPrimitives.ReadUInt16LittleEndian(image[16..]) != TypeRelocatable)
        {
            throw Damaged(name, "it is not a 64-bit little-endian relocatable ELF object");
        }

        ulong table = BinaryPrimitives.ReadUInt64LittleEndian(image[40..]);
        int entrySize = BinaryPrimitives.ReadUInt16LittleEndian(image[58..]);
        int count = BinaryPrimitives.ReadUInt16LittleEndian(image[60..]);
        int namesIndex = BinaryPrimitives.ReadUInt16LittleEndian(image[62..]);
        if (entrySize != SectionHeaderSize || namesIndex >= count
            || !Slice(image, table, (ulong)count * SectionHeaderSize, out ReadOnlySpan<byte> headers))
        {
            throw Damaged(name, "its section table is malformed");
        }

        if (!Content(image, headers.Slice(namesIndex * SectionHeaderSize, SectionHeaderSize), out var names))
        {
            throw Damaged(name, "its section names lie outside the file");
        }

        for (int index = 0; index < count; index++)
        {
            ReadOnlySpan<byte> header = headers.Slice(index * SectionHeaderSize, SectionHeaderSize);
            uint nameOffset = BinaryPrimitives.ReadUInt32LittleEndian(header);
            if (nameOffset < (uint)names.Length && IsString(names[(int)nameOffset..], wanted))
            {
                return Content(image, header, out ReadOnlySpan<byte> content)
                    ? content
                    : throw Damaged(name, "its .modinfo section lies outside the file");
            }
        }

        throw Damaged(name, "it has no .modinfo section");
    }

    // sh_offset at 24, sh_size at 32.
    private static bool Content(ReadOnlySpan<byte> image, ReadOnlySpan<byte> header, out ReadOnlySpan<byte> content) =>
        Slice(
            image,
            BinaryPrimitives.ReadUInt64LittleEndian(header[24..]),
            BinaryPrimitives.ReadUInt64LittleEndian(header[32..]),
            out content);

    private static bool Slice(ReadOnlySpan<byte> image, ulong offset, ulong length, out ReadOnlySpan<byte> slice)
    {
        bool inside = offset <= (ulong)image.Length && length <= (ulong)image.Length - offset;
        slice = inside ? image.Slice((int)offset, (int)length) : [];
        return inside;
    }

    private static bool IsString(ReadOnlySpan<byte> table, ReadOnlySpan<byte> wanted) =>
        table.Length > wanted.Length && table.StartsWith(wanted) && table[wanted.Length] == 0;

    private static GuestImageException Damaged(string name, string reason) => new(
        GuestImageErrorId.ModuleDamaged,
        $"Module '{name}' cannot be read: {reason}.",
        "Check that the module directory belongs to a 64-bit kernel and is complete.");
}
