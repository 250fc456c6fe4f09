using System.Runtime.InteropServices;

namespace StratoVirt.Machine.Boot.Images;

/// <summary>ELF64 file header, as in the gABI, chapter 4; little-endian, 64 bytes.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct ElfHeader
{
    /// <summary>Magic number: 0x7F 'E' 'L' 'F'.</summary>
    public uint Magic;
    /// <summary>1: 32-bit, 2: 64-bit.</summary>
    public byte Class;
    /// <summary>1: little-endian.</summary>
    public byte Data;
    /// <summary>Version, OS/ABI and padding.</summary>
    public ushort IdentVersion;
    /// <summary>Padding.</summary>
    public ulong IdentPadding;
    /// <summary>1: relocatable object, 2: executable, 3: shared or position-independent.</summary>
    public ushort Type;
    /// <summary>Processor.</summary>
    public ushort Machine;
    /// <summary>File version.</summary>
    public uint Version;
    /// <summary>First instruction.</summary>
    public ulong Entry;
    /// <summary>File offset of the program headers.</summary>
    public ulong ProgramHeaderOffset;
    /// <summary>File offset of the section headers.</summary>
    public ulong SectionHeaderOffset;
    /// <summary>Processor flags.</summary>
    public uint Flags;
    /// <summary>Bytes of this header.</summary>
    public ushort HeaderSize;
    /// <summary>Bytes of a program header.</summary>
    public ushort ProgramHeaderSize;
    /// <summary>Program headers.</summary>
    public ushort ProgramHeaderCount;
    /// <summary>Bytes of a section header.</summary>
    public ushort SectionHeaderSize;
    /// <summary>Section headers.</summary>
    public ushort SectionHeaderCount;
    /// <summary>Section of section names.</summary>
    public ushort SectionNameIndex;
}

/// <summary>ELF64 program header, as in the gABI, chapter 5; little-endian, 56 bytes.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct ElfProgramHeader
{
    /// <summary>PT_LOAD: a part to load.</summary>
    public const uint Load = 1;
    /// <summary>PT_INTERP: names the dynamic linker of an ordinary program.</summary>
    public const uint Interpreter = 3;
    /// <summary>PT_NOTE: notes to the loader.</summary>
    public const uint Note = 4;

    /// <summary>What it describes.</summary>
    public uint Type;
    /// <summary>Permissions.</summary>
    public uint Flags;
    /// <summary>Where in the file.</summary>
    public ulong Offset;
    /// <summary>Virtual address.</summary>
    public ulong VirtualAddress;
    /// <summary>Physical address.</summary>
    public ulong PhysicalAddress;
    /// <summary>Bytes in the file.</summary>
    public ulong FileSize;
    /// <summary>Bytes in memory.</summary>
    public ulong MemorySize;
    /// <summary>Alignment.</summary>
    public ulong Alignment;
}
