using System.Buffers.Binary;
using System.Text;

namespace StratoVirt.GuestImages.Tests;

/// <summary>
/// Kernel modules as the tests need them: an ELF header, a null section, .modinfo and the section names, nothing else.
/// </summary>
internal static class ModuleImage
{
    private const int HeaderSize = 64;
    private const int SectionHeaderSize = 64;

    public static byte[] Create(string depends, string vermagic = "6.1.0-test SMP mod_unload") =>
        CreateWithInfo($"license=GPL\0depends={depends}\0vermagic={vermagic}\0");

    public static byte[] CreateWithInfo(string info, string sectionName = ".modinfo")
    {
        byte[] infoBytes = Encoding.Latin1.GetBytes(info);
        byte[] names = Encoding.ASCII.GetBytes($"\0{sectionName}\0.shstrtab\0");
        int namesOffset = HeaderSize + infoBytes.Length;
        int tableOffset = namesOffset + names.Length;
        byte[] image = new byte[tableOffset + (3 * SectionHeaderSize)];
        "\u007fELF\u0002\u0001\u0001"u8.CopyTo(image);
        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(16), 1);
        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(18), 62);
        BinaryPrimitives.WriteUInt64LittleEndian(image.AsSpan(40), (ulong)tableOffset);
        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(58), SectionHeaderSize);
        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(60), 3);
        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(62), 2);
        infoBytes.CopyTo(image, HeaderSize);
        names.CopyTo(image, namesOffset);
        WriteSection(image.AsSpan(tableOffset + SectionHeaderSize), 1, HeaderSize, infoBytes.Length);
        WriteSection(
            image.AsSpan(tableOffset + (2 * SectionHeaderSize)), 2 + sectionName.Length, namesOffset, names.Length);
        return image;
    }

    private static void WriteSection(Span<byte> header, int name, int offset, int size)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(header, (uint)name);
        BinaryPrimitives.WriteUInt64LittleEndian(header[24..], (ulong)offset);
        BinaryPrimitives.WriteUInt64LittleEndian(header[32..], (ulong)size);
    }
}
