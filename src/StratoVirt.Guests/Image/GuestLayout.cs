namespace StratoVirt.Guests.Image;

/// <summary>
/// Where things sit in guest memory, as guest-physical and, because everything is mapped one to one, linear
/// addresses. All of it lies in the second MiB: above the areas the PVH boot ABI and the Linux boot protocol give to
/// the loader, and inside the smallest machine (16 MiB).
/// </summary>
internal static class GuestLayout
{
    /// <summary>The text segment: 32-bit entry, 64-bit code, strings.</summary>
    public const ulong Text = 0x10_0000;

    /// <summary>Where the 64-bit code begins. The 32-bit entry before it is shorter than this leaves room for.</summary>
    public const ulong LongModeCode = Text + 0x100;

    /// <summary>The data segment; the text segment ends below it.</summary>
    public const ulong Data = 0x11_0000;

    public const ulong Gdt = Data;
    public const ulong GdtPointer = Data + 0x40;
    public const ulong IdtPointer = Data + 0x50;
    public const ulong Idt = Data + 0x100;

    /// <summary>Task state segment: 104 bytes, then the I/O permission bitmap and its end mark.</summary>
    public const ulong TaskState = Data + 0x800;

    /// <summary>Ports below this may be used at CPL 3 once the task register is loaded.</summary>
    public const int UserPorts = 0x800;

    /// <summary>One PML4, one page-directory-pointer table, four page directories: 4 GiB in 2 MiB pages.</summary>
    public const ulong PageTables = Data + 0x1000;

    /// <summary>End of what the file holds of the data segment; zeroes follow.</summary>
    public const ulong Zeroed = Data + 0x7000;

    public const ulong Variables = Zeroed;
    public const ulong LineBuffer = Zeroed + 0x100;
    public const int LineBufferSize = 0x80;
    public const ulong Scratch = Zeroed + 0x200;
    public const ulong StackTop = Zeroed + 0x2000;
    public const ulong DataEnd = StackTop;

    public const ushort CodeSelector = 0x08;
    public const ushort DataSelector = 0x10;
    public const ushort UserDataSelector = 0x18 | 3;
    public const ushort UserCodeSelector = 0x20 | 3;
    public const ushort TaskSelector = 0x28;
}
