using System.Buffers.Binary;

namespace StratoVirt.Guests.Tests;

/// <summary>Reads an ELF64 file the way a loader does, from the specification rather than from the writer.</summary>
internal sealed class ElfView
{
    public const uint Load = 1;
    public const uint Note = 4;

    private readonly byte[] _file;

    public ElfView(byte[] file)
    {
        _file = file;
        Assert.Equal([0x7F, 0x45, 0x4C, 0x46, 2, 1, 1], file[..7]);
        Assert.Equal(2, U16(16));
        Assert.Equal(62, U16(18));
        Assert.Equal(56, U16(54));
        Entry = U64(24);
        int table = checked((int)U64(32));
        for (int i = 0; i < U16(56); i++)
        {
            int at = table + (i * 56);
            Segments.Add(new Segment(U32(at), U32(at + 4), U64(at + 8), U64(at + 16), U64(at + 24), U64(at + 32), U64(at + 40), U64(at + 48)));
        }
    }

    public ulong Entry { get; }

    public List<Segment> Segments { get; } = [];

    public Segment Text => Segments.Single(s => s.Type == Load && (s.Flags & 1) != 0);

    public byte[] BytesOf(Segment segment) => _file.AsSpan((int)segment.Offset, (int)segment.FileSize).ToArray();

    /// <summary>Memory as a loader leaves it, from the lowest to the highest loaded address.</summary>
    public LoadedMemory LoadAll()
    {
        List<Segment> loads = [.. Segments.Where(s => s.Type == Load).OrderBy(s => s.PhysicalAddress)];
        ulong start = loads[0].PhysicalAddress;
        var bytes = new byte[loads[^1].PhysicalAddress + loads[^1].MemorySize - start];
        foreach (Segment load in loads)
        {
            BytesOf(load).CopyTo(bytes, (int)(load.PhysicalAddress - start));
        }

        return new LoadedMemory(start, bytes);
    }

    private ushort U16(int at) => BinaryPrimitives.ReadUInt16LittleEndian(_file.AsSpan(at));

    private uint U32(int at) => BinaryPrimitives.ReadUInt32LittleEndian(_file.AsSpan(at));

    private ulong U64(int at) => BinaryPrimitives.ReadUInt64LittleEndian(_file.AsSpan(at));

    internal readonly record struct Segment(
        uint Type, uint Flags, ulong Offset, ulong VirtualAddress, ulong PhysicalAddress, ulong FileSize, ulong MemorySize, ulong Alignment);

    internal sealed record LoadedMemory(ulong Start, byte[] Bytes)
    {
        public ReadOnlySpan<byte> At(ulong address) => Bytes.AsSpan((int)(address - Start));

        public ulong U64(ulong address) => BinaryPrimitives.ReadUInt64LittleEndian(At(address));

        public ushort U16(ulong address) => BinaryPrimitives.ReadUInt16LittleEndian(At(address));
    }
}
