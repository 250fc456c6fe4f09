using System.Buffers.Binary;
using StratoVirt.Machine.Boot;
using StratoVirt.Machine.Boot.Images;
using static StratoVirt.Machine.Tests.Boot.KernelBuilder;

namespace StratoVirt.Machine.Tests.Boot.Images;

public sealed class ElfKernelTests
{
    private const int FirstProgramHeader = 64;
    private const int Offset = 8;
    private const int PhysicalAddress = 24;
    private const int FileSize = 32;
    private const int MemorySize = 40;

    [Fact]
    public void Segments_and_entries_are_read()
    {
        ElfKernel kernel = Parse(Elf(
            LoadAddress + 4, LoadAddress + 8, new Part(LoadAddress + 0x10000, Pattern(100)), new Part(LoadAddress, Pattern(0x2000), 0x1000)));
        Assert.Equal([LoadAddress, LoadAddress + 0x10000], kernel.Segments.Select(segment => segment.Address));
        Assert.Equal(LoadAddress + 8, kernel.PvhEntry);
        Assert.Equal(LoadAddress + 4, kernel.Entry);
        Assert.Equal(LoadAddress + 0x10000 + 100, kernel.End);
        Assert.Equal(0x3000UL, kernel.Segments[0].Length);
    }

    [Fact]
    public void A_virtual_entry_point_is_translated()
    {
        ElfKernel kernel = Parse(Elf(0xFFFF_FFFF_8000_0000 + LoadAddress + 0x40, null, new Part(LoadAddress, Pattern(0x100))));
        Assert.Equal(LoadAddress + 0x40, kernel.Entry);
        Assert.Null(kernel.PvhEntry);
    }

    public static TheoryData<int, ulong, string> Damages => new()
    {
        { PhysicalAddress, 0x1000, "outside 1 MiB to 3 GiB" },
        { PhysicalAddress, 0xFFFF_FFFF_FFFF_F000, "outside 1 MiB to 3 GiB" },
        { MemorySize, ulong.MaxValue, "outside 1 MiB to 3 GiB" },
        { MemorySize, 0x10, "for 0x10 bytes of memory" },
        { FileSize, 0x100_0000, "in the file, which ends" },
        { Offset, ulong.MaxValue, "in the file, which ends" },
    };

    [Theory]
    [MemberData(nameof(Damages))]
    public void A_damaged_segment_is_refused(int field, ulong value, string reason)
    {
        byte[] image = SimpleElf(true);
        BinaryPrimitives.WriteUInt64LittleEndian(image.AsSpan(FirstProgramHeader + field), value);
        MachineException refusal = Assert.Throws<MachineException>(() => Parse(image));
        Assert.Equal(MachineErrorId.KernelCorrupt, refusal.Id);
        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Overlapping_segments_are_refused()
    {
        MachineException refusal = Assert.Throws<MachineException>(() => Parse(
            Elf(LoadAddress, null, new Part(LoadAddress, Pattern(0x100), 0x1000), new Part(LoadAddress + 0x800, Pattern(0x10)))));
        Assert.Contains("overlap", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_entry_outside_all_segments_is_refused()
    {
        Assert.Throws<MachineException>(() => Parse(Elf(0x42, null, new Part(LoadAddress, Pattern(0x100)))));
        Assert.Throws<MachineException>(() => Parse(Elf(LoadAddress, 0x42, new Part(LoadAddress, Pattern(0x100)))));
    }

    [Fact]
    public void Every_truncation_is_refused_as_damage()
    {
        byte[] image = SimpleElf(true);
        for (int length = 1; length < image.Length; length++)
        {
            MachineException refusal = Assert.Throws<MachineException>(() => Parse(image[..length]));
            Assert.True(refusal.Id is MachineErrorId.KernelCorrupt or MachineErrorId.KernelUnrecognised, $"{length}: {refusal.Message}");
        }
    }

    private static ElfKernel Parse(byte[] image) => (ElfKernel)KernelImage.Recognise(BootFile.FromMemory("test", image));
}
