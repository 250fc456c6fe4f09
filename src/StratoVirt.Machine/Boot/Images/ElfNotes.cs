using System.Buffers.Binary;

namespace StratoVirt.Machine.Boot.Images;

/// <summary>Looks through ELF notes for Xen's PVH entry point.</summary>
internal static class ElfNotes
{
    /// <summary>Notes are read up to this length; those of Linux take about 1 KiB.</summary>
    public const int MaxLength = 64 << 10;

    /// <summary>XEN_ELFNOTE_PHYS32_ENTRY of Xen's public <c>elfnote.h</c>: physical address of the 32-bit entry.</summary>
    private const uint Physical32Entry = 18;

    private const int HeaderLength = 12;

    /// <summary>The PVH entry point named in a note segment, or null. A malformed note ends the search.</summary>
    /// <param name="notes">The segment's bytes.</param>
    /// <param name="alignment">The segment's alignment: names and descriptors are padded to 4 bytes, to 8 when it says 8.</param>
    public static ulong? FindPvhEntry(ReadOnlySpan<byte> notes, ulong alignment)
    {
        int pad = alignment == 8 ? 8 : 4;
        while (notes.Length >= HeaderLength)
        {
            uint nameLength = BinaryPrimitives.ReadUInt32LittleEndian(notes);
            uint valueLength = BinaryPrimitives.ReadUInt32LittleEndian(notes[4..]);
            uint type = BinaryPrimitives.ReadUInt32LittleEndian(notes[8..]);
            if (nameLength > MaxLength || valueLength > MaxLength)
            {
                return null;
            }

            int valueStart = RoundUp(HeaderLength + (int)nameLength, pad);
            if (valueStart + (int)valueLength > notes.Length)
            {
                return null;
            }

            ReadOnlySpan<byte> value = notes.Slice(valueStart, (int)valueLength);
            if (type == Physical32Entry && notes.Slice(HeaderLength, (int)nameLength).SequenceEqual("Xen\0"u8))
            {
                return value.Length switch
                {
                    4 => BinaryPrimitives.ReadUInt32LittleEndian(value),
                    8 => BinaryPrimitives.ReadUInt64LittleEndian(value),
                    _ => null,
                };
            }

            notes = notes[Math.Min(notes.Length, RoundUp(valueStart + (int)valueLength, pad))..];
        }

        return null;
    }

    private static int RoundUp(int value, int multiple) => (value + multiple - 1) & -multiple;
}
