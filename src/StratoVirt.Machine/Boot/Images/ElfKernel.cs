using System.Collections.Immutable;
using System.Runtime.InteropServices;
using StratoVirt.Machine.Boot.X64;

namespace StratoVirt.Machine.Boot.Images;

/// <summary>
/// An ELF64 kernel for x86_64, entered through PVH when it carries the note, else by the 64-bit boot protocol. It runs
/// at the addresses it was linked for: a relocatable Linux entered this way has no address space randomisation of its
/// physical or text base, because that is the work of the decompressor that was passed over.
/// </summary>
internal sealed class ElfKernel : KernelImage
{
    /// <summary>Linux has 5 program headers, other kernels a dozen.</summary>
    private const int MaxProgramHeaders = 128;

    private const ushort MachineX64 = 62;

    private ElfKernel(BootFile file, ImmutableArray<ElfSegment> segments, ulong? pvhEntry, ulong entry)
        : base(file)
    {
        Segments = segments;
        PvhEntry = pvhEntry;
        Entry = entry;
    }

    /// <summary>What to load, by ascending address, not overlapping.</summary>
    public ImmutableArray<ElfSegment> Segments { get; }

    /// <summary>Guest physical address of the 32-bit PVH entry, or null.</summary>
    public ulong? PvhEntry { get; }

    /// <summary>Guest physical address of the 64-bit entry.</summary>
    public ulong Entry { get; }

    /// <inheritdoc/>
    public override ulong End => Segments[^1].End;

    /// <summary>Reads headers and notes.</summary>
    /// <exception cref="MachineException">It is damaged, for another processor, or no kernel.</exception>
    public static ElfKernel Parse(BootFile file)
    {
        ElfHeader header = ReadHeader(file);
        ElfProgramHeader[] programHeaders = ReadProgramHeaders(file, in header);
        ImmutableArray<ElfSegment> segments = CheckSegments(file, programHeaders);
        ulong? pvhEntry = FindPvhEntry(file, programHeaders);
        if (pvhEntry is { } address && !segments.Any(segment => segment.Contains(address)))
        {
            throw KernelFault.Corrupt(file.Name, $"its PVH entry point 0x{address:x} lies outside its segments");
        }

        ulong? entry = ToPhysical(header.Entry, segments, programHeaders);
        if (entry is null && pvhEntry is null)
        {
            throw KernelFault.Corrupt(file.Name, $"its entry point 0x{header.Entry:x} lies outside its segments");
        }

        return new ElfKernel(file, segments, pvhEntry, entry ?? pvhEntry!.Value);
    }

    private static ElfHeader ReadHeader(BootFile file)
    {
        ElfHeader header = default;
        Span<byte> bytes = MemoryMarshal.AsBytes(new Span<ElfHeader>(ref header));
        int available = (int)Math.Min(bytes.Length, file.Length);
        if (!file.TryRead(0, bytes[..available]))
        {
            throw KernelFault.Corrupt(file.Name, "it became shorter while it was read");
        }

        // The identification comes first: a 32-bit header is shorter, and that is the better message.
        if (header.Class == 1)
        {
            throw KernelFault.Architecture(file.Name, "it is a 32-bit ELF file");
        }

        if (available < bytes.Length)
        {
            throw KernelFault.Corrupt(file.Name, $"it ends after {available} bytes, within its ELF header");
        }

        if (header.Class != 2 || header.Data is not (1 or 2))
        {
            throw KernelFault.Corrupt(file.Name, "its ELF identification is of no known class and byte order");
        }

        if (header.Data == 2)
        {
            throw KernelFault.Architecture(file.Name, "it is big-endian");
        }

        if (header.Machine != MachineX64)
        {
            throw KernelFault.Architecture(file.Name, $"it is an ELF file for {NameOf(header.Machine)}");
        }

        return header.Type switch
        {
            2 or 3 => header,
            1 => throw KernelFault.Unrecognised(file.Name, "it is a relocatable object, perhaps a kernel module"),
            4 => throw KernelFault.Unrecognised(file.Name, "it is a core dump"),
            _ => throw KernelFault.Corrupt(file.Name, $"its ELF type {header.Type} does not exist"),
        };
    }

    private static ElfProgramHeader[] ReadProgramHeaders(BootFile file, in ElfHeader header)
    {
        if (header.ProgramHeaderCount is 0 or > MaxProgramHeaders || header.ProgramHeaderSize != Marshal.SizeOf<ElfProgramHeader>())
        {
            throw KernelFault.Corrupt(
                file.Name, $"its ELF header names {header.ProgramHeaderCount} program headers of {header.ProgramHeaderSize} bytes");
        }

        ElfProgramHeader[] headers = new ElfProgramHeader[header.ProgramHeaderCount];
        if (header.ProgramHeaderOffset > long.MaxValue
            || !file.TryRead((long)header.ProgramHeaderOffset, MemoryMarshal.AsBytes(headers.AsSpan())))
        {
            throw KernelFault.Corrupt(file.Name, $"it ends after {file.Length} bytes, before its program headers do");
        }

        return headers;
    }

    private static ImmutableArray<ElfSegment> CheckSegments(BootFile file, ElfProgramHeader[] programHeaders)
    {
        if (programHeaders.Any(header => header.Type == ElfProgramHeader.Interpreter))
        {
            throw KernelFault.Unrecognised(file.Name, "it is an ordinary program, not a kernel");
        }

        var found = new List<ElfSegment>();
        foreach (ElfProgramHeader header in programHeaders)
        {
            if (header is { Type: ElfProgramHeader.Load, MemorySize: > 0 })
            {
                found.Add(CheckSegment(file, header));
            }
        }

        found.Sort((one, other) => one.Address.CompareTo(other.Address));
        ImmutableArray<ElfSegment> segments = [.. found];
        if (segments.IsEmpty)
        {
            throw KernelFault.Corrupt(file.Name, "it has no loadable segment");
        }

        for (int i = 1; i < segments.Length; i++)
        {
            if (segments[i].Address < segments[i - 1].End)
            {
                throw KernelFault.Corrupt(file.Name, $"two of its segments overlap at 0x{segments[i].Address:x}");
            }
        }

        return segments;
    }

    private static ElfSegment CheckSegment(BootFile file, ElfProgramHeader header)
    {
        ulong length = (ulong)file.Length;
        if (header.Offset > length || header.FileSize > length - header.Offset)
        {
            throw KernelFault.Corrupt(
                file.Name, $"a segment lies at 0x{header.Offset:x}+0x{header.FileSize:x} in the file, which ends at 0x{length:x}");
        }

        if (header.FileSize > header.MemorySize)
        {
            throw KernelFault.Corrupt(
                file.Name, $"a segment has 0x{header.FileSize:x} bytes for 0x{header.MemorySize:x} bytes of memory");
        }

        if (header.PhysicalAddress < Layout.ExtendedMemory
            || header.PhysicalAddress > Layout.HoleStart
            || header.MemorySize > Layout.HoleStart - header.PhysicalAddress)
        {
            throw KernelFault.Corrupt(
                file.Name,
                $"a segment wants guest memory 0x{header.PhysicalAddress:x}+0x{header.MemorySize:x}, outside 1 MiB to 3 GiB");
        }

        return new ElfSegment((long)header.Offset, header.FileSize, header.PhysicalAddress, header.MemorySize);
    }

    private static ulong? FindPvhEntry(BootFile file, ElfProgramHeader[] programHeaders)
    {
        foreach (ElfProgramHeader header in programHeaders)
        {
            if (header.Type != ElfProgramHeader.Note || header.FileSize > ElfNotes.MaxLength || header.Offset > long.MaxValue)
            {
                continue;
            }

            byte[] notes = new byte[header.FileSize];
            if (!file.TryRead((long)header.Offset, notes))
            {
                throw KernelFault.Corrupt(file.Name, "its notes lie behind its end");
            }

            if (ElfNotes.FindPvhEntry(notes, header.Alignment) is { } entry)
            {
                return entry;
            }
        }

        return null;
    }

    // Linux names its physical entry point, other kernels the virtual one they were linked for.
    private static ulong? ToPhysical(ulong entry, ImmutableArray<ElfSegment> segments, ElfProgramHeader[] programHeaders)
    {
        if (segments.Any(segment => segment.Contains(entry)))
        {
            return entry;
        }

        foreach (ElfProgramHeader header in programHeaders)
        {
            if (header.Type == ElfProgramHeader.Load && entry - header.VirtualAddress < header.MemorySize)
            {
                return header.PhysicalAddress + (entry - header.VirtualAddress);
            }
        }

        return null;
    }

    private static string NameOf(ushort machine) => machine switch
    {
        3 => "32-bit x86",
        8 => "MIPS",
        20 or 21 => "PowerPC",
        22 => "s390",
        40 => "32-bit ARM",
        183 => "aarch64",
        243 => "RISC-V",
        258 => "LoongArch",
        _ => $"processor number {machine}",
    };
}
