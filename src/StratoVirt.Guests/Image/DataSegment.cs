using System.Buffers.Binary;

namespace StratoVirt.Guests.Image;

/// <summary>
/// The descriptor and page tables a guest starts with, laid down in the image: a kernel that is interpreted at a
/// million instructions a second should not compute what the build can. Formats: Intel SDM volume 3, chapters 3 to 6.
/// </summary>
internal static class DataSegment
{
    private const int PageSize = 0x1000;
    private const ulong LargePage = 2UL << 20;
    private const int MappedGib = 4;
    private const int TaskStateSize = 104;
    private const int IoBitmapBase = 102;
    private const ulong TaskStateLimit = TaskStateSize + (GuestLayout.UserPorts / 8);

    private const ulong Present = 1 << 0;
    private const ulong Writable = 1 << 1;
    private const ulong User = 1 << 2;
    private const ulong Accessed = 1 << 5;
    private const ulong Dirty = 1 << 6;
    private const ulong PageSizeBit = 1 << 7;

    /// <summary>Builds the bytes of the data segment as far as the file holds them.</summary>
    /// <param name="interruptGates">Handler address by vector.</param>
    /// <param name="userPages">Let CPL 3 use the whole mapping.</param>
    public static byte[] Build(IReadOnlyDictionary<byte, ulong> interruptGates, bool userPages)
    {
        var bytes = new byte[GuestLayout.Zeroed - GuestLayout.Data];
        WriteGdt(bytes);
        WriteTaskState(bytes);
        WriteIdt(bytes, interruptGates);
        WritePageTables(bytes.AsSpan((int)(GuestLayout.PageTables - GuestLayout.Data)), userPages);
        return bytes;
    }

    private static void WriteGdt(Span<byte> data)
    {
        // Null, CPL 0 64-bit code, CPL 0 data, CPL 3 data, CPL 3 64-bit code, all flat and with the accessed bit set so
        // that loading a selector never writes to the table; then the two halves of an available 64-bit TSS.
        ReadOnlySpan<ulong> descriptors =
        [
            0, 0x00AF_9B00_0000_FFFF, 0x00CF_9300_0000_FFFF, 0x00CF_F300_0000_FFFF, 0x00AF_FB00_0000_FFFF,
            TaskStateLimit | ((GuestLayout.TaskState & 0xFF_FFFF) << 16) | (0x89UL << 40), GuestLayout.TaskState >> 32,
        ];
        for (int i = 0; i < descriptors.Length; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(data[(i * 8)..], descriptors[i]);
        }

        WritePointer(data, GuestLayout.GdtPointer, GuestLayout.Gdt, descriptors.Length * 8);
    }

    // The bitmap, all clear, allows the ports; the byte behind it must be all ones.
    private static void WriteTaskState(Span<byte> data)
    {
        Span<byte> task = data[(int)(GuestLayout.TaskState - GuestLayout.Data)..];
        BinaryPrimitives.WriteUInt16LittleEndian(task[IoBitmapBase..], TaskStateSize);
        task[(int)TaskStateLimit] = 0xFF;
    }

    private static void WriteIdt(Span<byte> data, IReadOnlyDictionary<byte, ulong> interruptGates)
    {
        const ulong InterruptGate = 0x8E00UL << 32;
        int last = -1;
        foreach ((byte vector, ulong handler) in interruptGates)
        {
            last = Math.Max(last, vector);
            ulong low = (handler & 0xFFFF)
                | ((ulong)GuestLayout.CodeSelector << 16)
                | InterruptGate
                | ((handler & 0xFFFF_0000) << 32);
            int offset = (int)(GuestLayout.Idt - GuestLayout.Data) + (vector * 16);
            BinaryPrimitives.WriteUInt64LittleEndian(data[offset..], low);
            BinaryPrimitives.WriteUInt64LittleEndian(data[(offset + 8)..], handler >> 32);
        }

        WritePointer(data, GuestLayout.IdtPointer, GuestLayout.Idt, (last + 1) * 16);
    }

    private static void WritePointer(Span<byte> data, ulong at, ulong table, int size)
    {
        Span<byte> pointer = data[(int)(at - GuestLayout.Data)..];
        BinaryPrimitives.WriteUInt16LittleEndian(pointer, size == 0 ? (ushort)0 : checked((ushort)(size - 1)));
        BinaryPrimitives.WriteUInt64LittleEndian(pointer[2..], table);
    }

    private static void WritePageTables(Span<byte> tables, bool userPages)
    {
        ulong table = Present | Writable | Accessed | (userPages ? User : 0);
        ulong leaf = table | Dirty | PageSizeBit;
        ulong pointers = GuestLayout.PageTables + PageSize;
        BinaryPrimitives.WriteUInt64LittleEndian(tables, pointers | table);
        for (int gib = 0; gib < MappedGib; gib++)
        {
            ulong directory = pointers + (ulong)((gib + 1) * PageSize);
            BinaryPrimitives.WriteUInt64LittleEndian(tables[(PageSize + (gib * 8))..], directory | table);
        }

        for (int page = 0; page < MappedGib * 512; page++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(tables[((2 * PageSize) + (page * 8))..], ((ulong)page * LargePage) | leaf);
        }
    }
}
