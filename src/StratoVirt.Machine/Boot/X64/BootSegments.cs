using System.Runtime.InteropServices;

namespace StratoVirt.Machine.Boot.X64;

/// <summary>
/// The descriptor table a kernel starts with. Both boot protocols want flat segments; Linux's 64-bit one fixes the
/// selectors (__BOOT_CS 0x10, __BOOT_DS 0x18), PVH leaves them free.
/// </summary>
internal static class BootSegments
{
    private const ushort CodeSelector = 0x10;
    private const ushort DataSelector = 0x18;
    private const ushort TaskStateSelector = 0x20;

    /// <summary>Two null entries, code, data, and two slots for a TSS, which takes 16 bytes in long mode.</summary>
    private const int Entries = 6;

    private const byte ExecuteReadAccessed = 0xB;
    private const byte ReadWriteAccessed = 0x3;
    private const byte BusyTaskState = 0xB;

    /// <summary>The table's last valid offset.</summary>
    public const ushort Limit = (Entries * sizeof(ulong)) - 1;

    /// <summary>Flat data, for DS, ES, FS, GS and SS.</summary>
    public static Segment Data { get; } = new(DataSelector, 0, uint.MaxValue, ReadWriteAccessed, true, false, true);

    /// <summary>A TSS nobody switches through: base 0, limit 0x67, as PVH demands.</summary>
    public static Segment TaskState { get; } = new(TaskStateSelector, 0, 0x67, BusyTaskState, false, false, false);

    /// <summary>Flat code, 64-bit or 32-bit.</summary>
    public static Segment Code(EntryMode mode) => new(
        CodeSelector, 0, uint.MaxValue, ExecuteReadAccessed, true, mode == EntryMode.Long64, mode == EntryMode.Protected32);

    /// <summary>Writes the table.</summary>
    public static void Write(BootMemory memory, EntryMode mode)
    {
        Span<ulong> table = stackalloc ulong[Entries];
        table[CodeSelector / sizeof(ulong)] = Code(mode).ToDescriptor();
        table[DataSelector / sizeof(ulong)] = Data.ToDescriptor();
        table[TaskStateSelector / sizeof(ulong)] = TaskState.ToDescriptor();
        memory.Write(Layout.Gdt, MemoryMarshal.AsBytes(table));
    }
}
