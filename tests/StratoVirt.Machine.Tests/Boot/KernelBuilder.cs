using System.Buffers.Binary;
using System.Runtime.InteropServices;
using StratoVirt.Machine.Boot.Images;

namespace StratoVirt.Machine.Tests.Boot;

/// <summary>Makes small, sound kernel images for tests to load, or to damage.</summary>
internal static class KernelBuilder
{
    public const ulong LoadAddress = 0x100_0000;

    public const int BzCodeOffset = 1024;

    private const int HeaderLength = 64;
    private const int ProgramHeaderLength = 56;

    /// <summary>A segment: physical address, content, extra zero bytes in memory.</summary>
    public readonly record struct Part(ulong Address, byte[] Content, ulong Zeros = 0);

    public static byte[] Elf(ulong entry, ulong? pvhEntry, params Part[] parts)
    {
        byte[] note = pvhEntry is { } address ? PvhNote(address) : [];
        int headers = parts.Length + (note.Length > 0 ? 1 : 0);
        int offset = HeaderLength + (headers * ProgramHeaderLength);
        List<ElfProgramHeader> programHeaders = [];
        List<byte> content = [];
        foreach (Part part in parts)
        {
            programHeaders.Add(new ElfProgramHeader
            {
                Type = ElfProgramHeader.Load,
                Offset = (ulong)(offset + content.Count),
                PhysicalAddress = part.Address,
                VirtualAddress = 0xFFFF_FFFF_8000_0000 + part.Address,
                FileSize = (ulong)part.Content.Length,
                MemorySize = (ulong)part.Content.Length + part.Zeros,
                Alignment = 0x1000,
            });
            content.AddRange(part.Content);
        }

        if (note.Length > 0)
        {
            programHeaders.Add(new ElfProgramHeader
            {
                Type = ElfProgramHeader.Note,
                Offset = (ulong)(offset + content.Count),
                FileSize = (ulong)note.Length,
                MemorySize = (ulong)note.Length,
                Alignment = 4,
            });
            content.AddRange(note);
        }

        ElfHeader header = new()
        {
            Magic = 0x464C457F,
            Class = 2,
            Data = 1,
            IdentVersion = 1,
            Type = 2,
            Machine = 62,
            Version = 1,
            Entry = entry,
            ProgramHeaderOffset = HeaderLength,
            HeaderSize = HeaderLength,
            ProgramHeaderSize = ProgramHeaderLength,
            ProgramHeaderCount = (ushort)headers,
        };
        return
        [
            .. MemoryMarshal.AsBytes(new ReadOnlySpan<ElfHeader>(in header)),
            .. MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(programHeaders)),
            .. content,
        ];
    }

    /// <summary>A kernel of one segment of a few pages, with PVH note or without.</summary>
    public static byte[] SimpleElf(bool pvh, int length = 0x3000) => Elf(
        LoadAddress + 0x10, pvh ? LoadAddress + 0x20 : null, new Part(LoadAddress, Pattern(length), 0x1800));

    /// <summary>A bzImage around a payload that already ends in its size word.</summary>
    public static byte[] BzImage(byte[] payload, Action<byte[]>? change = null)
    {
        const int PayloadOffset = 0x300;
        int codeLength = (PayloadOffset + payload.Length + 15) & ~15;
        byte[] image = new byte[BzCodeOffset + codeLength];
        Pattern(PayloadOffset).CopyTo(image, BzCodeOffset);
        payload.CopyTo(image, BzCodeOffset + PayloadOffset);
        Span<byte> bytes = image;
        bytes[0x1F1] = 1;
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[0x1F4..], (uint)codeLength / 16);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[0x1FE..], 0xAA55);
        bytes[0x200] = 0xEB;
        bytes[0x201] = 0x6A;
        "HdrS"u8.CopyTo(bytes[0x202..]);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[0x206..], 0x20F);
        bytes[0x211] = 1;
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[0x22C..], 0x7FFF_FFFF);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[0x230..], 0x20_0000);
        bytes[0x234] = 1;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[0x236..], 0x7F);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[0x238..], 2047);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[0x248..], PayloadOffset);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[0x24C..], (uint)payload.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[0x258..], LoadAddress);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[0x260..], 0x80_0000);
        change?.Invoke(image);
        return image;
    }

    public static byte[] WithSizeWord(byte[] packed, int unpackedLength)
    {
        byte[] payload = [.. packed, 0, 0, 0, 0];
        BinaryPrimitives.WriteInt32LittleEndian(payload.AsSpan(packed.Length), unpackedLength);
        return payload;
    }

    public static byte[] Pattern(int length)
    {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++)
        {
            bytes[i] = (byte)((i * 7) + (i >> 8) + 1);
        }

        return bytes;
    }

    private static byte[] PvhNote(ulong entry)
    {
        byte[] note = new byte[12 + 4 + 8];
        BinaryPrimitives.WriteUInt32LittleEndian(note, 4);
        BinaryPrimitives.WriteUInt32LittleEndian(note.AsSpan(4), 8);
        BinaryPrimitives.WriteUInt32LittleEndian(note.AsSpan(8), 18);
        "Xen\0"u8.CopyTo(note.AsSpan(12));
        BinaryPrimitives.WriteUInt64LittleEndian(note.AsSpan(16), entry);
        return note;
    }
}
