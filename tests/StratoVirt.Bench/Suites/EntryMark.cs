using System.Buffers.Binary;

namespace StratoVirt.Bench.Suites;

/// <summary>
/// Replaces the first instructions of a kernel by a write to the boot-mark port and a halt, so that the moment it is
/// entered can be seen while every byte a VMM loads stays where and as large as it was.
/// </summary>
internal static class EntryMark
{
    /// <summary>What is written; no other program writes it.</summary>
    public const byte Mark = (byte)'E';

    // The same instructions in 32-bit and 64-bit mode.
    private static ReadOnlySpan<byte> Code =>
    [
        0xBA, 0x06, 0x06, 0x00, 0x00, // mov edx, 0x606
        0xB0, Mark, //                   mov al, 'E'
        0xEE, //                         out dx, al
        0xFA, //                         cli
        0xF4, //                         hlt
        0xEB, 0xFD, //                   jmp back to hlt
    ];

    /// <summary>Both entries of a bzImage: 32-bit, and 64-bit 0x200 bytes behind it (boot.rst).</summary>
    public static void WriteOverBzImageEntries(Span<byte> image)
    {
        const int SetupSectors = 0x1F1;
        const int DefaultSetupSectors = 4;
        const int SectorSize = 512;
        const int LongModeEntry = 0x200;
        int sectors = image[SetupSectors] == 0 ? DefaultSetupSectors : image[SetupSectors];
        Span<byte> code = image[((sectors + 1) * SectorSize)..];
        Code.CopyTo(code);
        Code.CopyTo(code[LongModeEntry..]);
    }

    /// <summary>The entry an ELF kernel's PVH note names.</summary>
    public static void WriteOverPvhEntry(Span<byte> elf)
    {
        ulong entry = FindPvhEntry(elf);
        foreach ((uint type, ulong offset, ulong address, ulong size) in ProgramHeaders(elf))
        {
            const uint Load = 1;
            if (type == Load && entry >= address && entry - address + (ulong)Code.Length <= size)
            {
                Code.CopyTo(elf[(int)(offset + (entry - address))..]);
                return;
            }
        }

        throw new BenchException($"The kernel's PVH entry 0x{entry:x} lies in none of its segments.");
    }

    private static ulong FindPvhEntry(ReadOnlySpan<byte> elf)
    {
        const uint Note = 4;
        const uint Phys32Entry = 18;
        foreach ((uint type, ulong offset, _, ulong size) in ProgramHeaders(elf))
        {
            ReadOnlySpan<byte> notes = type == Note ? elf.Slice((int)offset, (int)size) : default;
            while (notes.Length >= 12)
            {
                int nameSize = BinaryPrimitives.ReadInt32LittleEndian(notes);
                int descriptorSize = BinaryPrimitives.ReadInt32LittleEndian(notes[4..]);
                int descriptor = 12 + Align(nameSize);
                if (BinaryPrimitives.ReadUInt32LittleEndian(notes[8..]) == Phys32Entry && notes[12..].StartsWith("Xen\0"u8))
                {
                    return BinaryPrimitives.ReadUInt32LittleEndian(notes[descriptor..]);
                }

                notes = notes[Math.Min(notes.Length, descriptor + Align(descriptorSize))..];
            }
        }

        throw new BenchException("The kernel has no PVH note.");
    }

    private static List<(uint Type, ulong Offset, ulong PhysicalAddress, ulong FileSize)> ProgramHeaders(ReadOnlySpan<byte> elf)
    {
        const int ProgramHeaderSize = 56;
        var headers = new List<(uint, ulong, ulong, ulong)>();
        int table = (int)BinaryPrimitives.ReadUInt64LittleEndian(elf[32..]);
        int count = BinaryPrimitives.ReadUInt16LittleEndian(elf[56..]);
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> header = elf.Slice(table + (i * ProgramHeaderSize), ProgramHeaderSize);
            headers.Add((
                BinaryPrimitives.ReadUInt32LittleEndian(header),
                BinaryPrimitives.ReadUInt64LittleEndian(header[8..]),
                BinaryPrimitives.ReadUInt64LittleEndian(header[24..]),
                BinaryPrimitives.ReadUInt64LittleEndian(header[32..])));
        }

        return headers;
    }

    private static int Align(int size) => (size + 3) & ~3;
}
