using System.Buffers.Binary;

namespace StratoVirt.Guests.Tests;

public sealed class ElfTests
{
    public static TheoryData<string> Guests => ["hello", "hello-longmode", "firstmark", "exits-kernel", "exits-user", "virtio-bench"];

    [Theory]
    [MemberData(nameof(Guests))]
    public void Segments_lie_in_the_file_and_apart_in_the_second_mebibyte(string guest)
    {
        byte[] file = Assemble(guest);
        var elf = new ElfView(file);
        ulong end = 1 << 20;
        foreach (ElfView.Segment segment in elf.Segments)
        {
            Assert.True(segment.Offset + segment.FileSize <= (ulong)file.Length);
            if (segment.Type != ElfView.Load)
            {
                continue;
            }

            Assert.True(segment.PhysicalAddress >= end, $"0x{segment.PhysicalAddress:x} begins below 0x{end:x}");
            Assert.Equal(segment.VirtualAddress, segment.PhysicalAddress);
            Assert.Equal(segment.Offset % segment.Alignment, segment.PhysicalAddress % segment.Alignment);
            Assert.True(segment.MemorySize >= segment.FileSize);
            Assert.NotEqual(3u, segment.Flags & 3);
            end = segment.PhysicalAddress + segment.MemorySize;
        }

        Assert.True(end <= 2 << 20);
        Assert.InRange(elf.Entry, elf.Text.PhysicalAddress, elf.Text.PhysicalAddress + elf.Text.FileSize - 1);
    }

    [Theory]
    [MemberData(nameof(Guests))]
    public void The_note_names_the_32_bit_entry(string guest)
    {
        var elf = new ElfView(Assemble(guest));
        List<ElfView.Segment> notes = [.. elf.Segments.Where(s => s.Type == ElfView.Note)];
        if (guest == "hello-longmode")
        {
            Assert.Empty(notes);
            return;
        }

        ElfView.Segment segment = Assert.Single(notes);
        Assert.Equal(4u, segment.Alignment);
        byte[] note = elf.BytesOf(segment);
        Assert.Equal(4u, BinaryPrimitives.ReadUInt32LittleEndian(note));
        Assert.Equal(8u, BinaryPrimitives.ReadUInt32LittleEndian(note.AsSpan(4)));
        Assert.Equal(18u, BinaryPrimitives.ReadUInt32LittleEndian(note.AsSpan(8)));
        Assert.Equal("Xen\0"u8.ToArray(), note[12..16]);
        Assert.Equal(elf.Text.PhysicalAddress, BinaryPrimitives.ReadUInt64LittleEndian(note.AsSpan(16)));
        Assert.Equal(24, note.Length);
    }

    [Theory]
    [MemberData(nameof(Guests))]
    public void The_same_guest_is_the_same_bytes(string guest) => Assert.Equal(Assemble(guest), Assemble(guest));

    [Fact]
    public void No_exits_is_no_guest() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => ExitsGuest.Assemble(0, GuestRing.Kernel));

    internal static byte[] Assemble(string guest) => guest switch
    {
        "hello" => HelloGuest.Assemble(),
        "hello-longmode" => HelloGuest.Assemble(GuestEntry.LongMode),
        "firstmark" => FirstMarkGuest.Assemble(),
        "exits-kernel" => ExitsGuest.Assemble(1000, GuestRing.Kernel),
        "exits-user" => ExitsGuest.Assemble(1000, GuestRing.User),
        "virtio-bench" => VirtioBenchGuest.Assemble(),
        _ => throw new ArgumentOutOfRangeException(nameof(guest), guest, "No such guest."),
    };
}
