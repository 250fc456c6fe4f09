using System.Buffers.Binary;

namespace StratoVirt.Guests.Image;

/// <summary>A part of the file that is loaded into guest memory.</summary>
/// <param name="Address">Guest-physical address.</param>
/// <param name="Bytes">What the file holds.</param>
/// <param name="MemorySize">Bytes in memory; those the file does not hold are zero.</param>
/// <param name="Writable">Data; otherwise code.</param>
internal readonly record struct ElfSegment(ulong Address, byte[] Bytes, ulong MemorySize, bool Writable);

/// <summary>
/// Writes an ELF64 executable for x86-64 that a VMM can enter in two ways: through the Xen note of the PVH boot ABI
/// (<c>XEN_ELFNOTE_PHYS32_ENTRY</c>, 32-bit protected mode) and, at <c>e_entry</c>, in long mode as the 64-bit Linux
/// boot protocol does. No sections, no symbols: loaders read program headers only.
/// </summary>
internal static class PvhElf
{
    private const int HeaderSize = 64;
    private const int ProgramHeaderSize = 56;
    private const int PageSize = 0x1000;
    private const uint TypeLoad = 1;
    private const uint TypeNote = 4;
    private const uint NotePhys32Entry = 18;

    // Name "Xen\0", descriptor of 8 bytes: some loaders read a pointer-sized value from an ELF64 note.
    private const int NoteSize = 12 + 4 + 8;

    /// <summary>Lays out the file.</summary>
    /// <param name="longModeEntry">Address for <c>e_entry</c>.</param>
    /// <param name="pvhEntry">Address for the note, or null to leave the note out.</param>
    /// <param name="segments">What to load, ascending.</param>
    public static byte[] Write(ulong longModeEntry, uint? pvhEntry, params ReadOnlySpan<ElfSegment> segments)
    {
        int noteCount = pvhEntry is null ? 0 : 1;
        int headers = segments.Length + noteCount;
        int noteOffset = HeaderSize + (headers * ProgramHeaderSize);
        int size = AlignUp(noteOffset + (noteCount * NoteSize));
        foreach (ElfSegment segment in segments)
        {
            size = AlignUp(size) + segment.Bytes.Length;
        }

        var file = new byte[size];
        WriteHeader(file, longModeEntry, headers);

        Span<byte> programHeader = file.AsSpan(HeaderSize);
        if (pvhEntry is { } entry)
        {
            // Alignment 4: with 8 some readers would look for the descriptor after a padded name.
            WriteProgramHeader(programHeader, TypeNote, 4, noteOffset, 0, NoteSize, NoteSize, 4);
            WriteNote(file.AsSpan(noteOffset), entry);
            programHeader = programHeader[ProgramHeaderSize..];
        }

        int offset = AlignUp(noteOffset + (noteCount * NoteSize));
        foreach (ElfSegment segment in segments)
        {
            uint flags = segment.Writable ? 6u : 5u;
            WriteProgramHeader(
                programHeader, TypeLoad, flags, offset, segment.Address, (ulong)segment.Bytes.Length, segment.MemorySize, PageSize);
            segment.Bytes.CopyTo(file.AsSpan(offset));
            programHeader = programHeader[ProgramHeaderSize..];
            offset = AlignUp(offset + segment.Bytes.Length);
        }

        return file;
    }

    private static void WriteHeader(Span<byte> file, ulong entry, int programHeaders)
    {
        ReadOnlySpan<byte> identification = [0x7F, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1, 0];
        identification.CopyTo(file);
        BinaryPrimitives.WriteUInt16LittleEndian(file[16..], 2);
        BinaryPrimitives.WriteUInt16LittleEndian(file[18..], 62);
        BinaryPrimitives.WriteUInt32LittleEndian(file[20..], 1);
        BinaryPrimitives.WriteUInt64LittleEndian(file[24..], entry);
        BinaryPrimitives.WriteUInt64LittleEndian(file[32..], HeaderSize);
        BinaryPrimitives.WriteUInt16LittleEndian(file[52..], HeaderSize);
        BinaryPrimitives.WriteUInt16LittleEndian(file[54..], ProgramHeaderSize);
        BinaryPrimitives.WriteUInt16LittleEndian(file[56..], checked((ushort)programHeaders));
        BinaryPrimitives.WriteUInt16LittleEndian(file[58..], 64);
    }

    private static void WriteProgramHeader(
        Span<byte> header, uint type, uint flags, int offset, ulong address, ulong fileSize, ulong memorySize, ulong alignment)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(header, type);
        BinaryPrimitives.WriteUInt32LittleEndian(header[4..], flags);
        BinaryPrimitives.WriteUInt64LittleEndian(header[8..], (ulong)offset);
        BinaryPrimitives.WriteUInt64LittleEndian(header[16..], address);
        BinaryPrimitives.WriteUInt64LittleEndian(header[24..], address);
        BinaryPrimitives.WriteUInt64LittleEndian(header[32..], fileSize);
        BinaryPrimitives.WriteUInt64LittleEndian(header[40..], memorySize);
        BinaryPrimitives.WriteUInt64LittleEndian(header[48..], alignment);
    }

    private static void WriteNote(Span<byte> note, uint entry)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(note, 4);
        BinaryPrimitives.WriteUInt32LittleEndian(note[4..], 8);
        BinaryPrimitives.WriteUInt32LittleEndian(note[8..], NotePhys32Entry);
        "Xen\0"u8.CopyTo(note[12..]);
        BinaryPrimitives.WriteUInt64LittleEndian(note[16..], entry);
    }

    private static int AlignUp(int value) => (value + PageSize - 1) & ~(PageSize - 1);
}
