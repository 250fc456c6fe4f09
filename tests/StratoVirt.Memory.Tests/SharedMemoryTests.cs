using StratoVirt.Linux.Handles;

namespace StratoVirt.Memory.Tests;

public sealed class SharedMemoryTests
{
    private static readonly GuestRange Range = new(new GuestAddress(0x1000), 64 << 10);

    [Fact]
    public void What_the_guest_writes_is_in_the_file()
    {
        using GuestMemory memory = GuestMemory.CreateShared([Range]);
        Assert.True(memory.IsShared && memory.Regions[0].IsShared && !memory.Regions[0].IsAnonymous);
        Assert.True(memory.TryWrite(new GuestAddress(0x3004), 0xABCD_EF01U));
        using MemoryMapping other = MemoryMapping.CreateShared(memory.Regions[0].SharedFile!, (nuint)Range.Length);
        using var view = new GuestMemory([new GuestMemoryRegion(new GuestAddress(0), other)]);
        Assert.True(view.TryRead(new GuestAddress(0x2004), out uint value));
        Assert.Equal(0xABCD_EF01U, value);
        Assert.False(view.IsShared);
    }

    [Fact]
    public void Cleared_pages_are_given_back_and_read_as_zero_for_everybody()
    {
        using GuestMemory memory = GuestMemory.CreateShared([Range]);
        byte[] ones = new byte[Range.Length];
        Array.Fill(ones, (byte)1);
        memory.TryWrite(Range.Start, ones);
        Assert.True(memory.TryZero(Range.Start + 100, Range.Length - 200));
        byte[] seen = new byte[Range.Length];
        memory.Regions[0].SharedFile!.ReadAt(seen, 0, out _);
        Assert.All(seen[..100], one => Assert.Equal(1, one));
        Assert.All(seen[100..^100], one => Assert.Equal(0, one));
        Assert.All(seen[^100..], one => Assert.Equal(1, one));
    }

    [Fact]
    public void The_file_cannot_be_cut_under_the_guest()
    {
        using GuestMemory memory = GuestMemory.CreateShared([Range]);
        Assert.ThrowsAny<IOException>(() => memory.Regions[0].SharedFile!.SetLength(0));
    }

    [Fact]
    public void Ranges_are_checked_as_those_of_private_memory()
    {
        Assert.Throws<ArgumentException>(() => GuestMemory.CreateShared([new GuestRange(new GuestAddress(1), 4096)]));
        Assert.Throws<ArgumentException>(() => GuestMemory.CreateShared([Range, Range]));
    }

    [Fact]
    public void Private_memory_has_no_file()
    {
        using GuestMemory memory = GuestMemory.CreateAnonymous([Range]);
        Assert.False(memory.IsShared);
        Assert.Null(memory.Regions[0].SharedFile);
    }
}
