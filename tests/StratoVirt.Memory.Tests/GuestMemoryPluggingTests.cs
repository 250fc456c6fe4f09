using StratoVirt.Linux.Handles;

namespace StratoVirt.Memory.Tests;

/// <summary>RAM that comes and goes while others use it.</summary>
public sealed class GuestMemoryPluggingTests
{
    private const ulong Page = 0x1000;

    [Fact]
    public void A_region_added_is_read_and_written_in_the_order_of_addresses()
    {
        using GuestMemory memory = GuestMemory.CreateAnonymous([new(new GuestAddress(2 * Page), Page)]);
        Assert.False(memory.Contains(new GuestAddress(Page), 2 * Page));

        memory.Add(Region(Page));

        Assert.Equal([Page, 2 * Page], memory.Regions.ToArray().Select(region => region.Range.Start.Value));
        Assert.Equal(2 * Page, memory.TotalLength);
        Assert.True(memory.Contains(new GuestAddress(Page), 2 * Page));
        Assert.True(memory.TryWrite(new GuestAddress((2 * Page) - 1), (ushort)0x1234));
        Assert.True(memory.TryRead(new GuestAddress((2 * Page) - 1), out ushort value));
        Assert.Equal(0x1234, value);
    }

    [Theory]
    [InlineData(0UL, 2 * Page)]
    [InlineData(Page, Page)]
    [InlineData(2 * Page, 2 * Page)]
    public void A_region_that_overlaps_is_refused(ulong start, ulong length)
    {
        using GuestMemory memory = GuestMemory.CreateAnonymous([new(new GuestAddress(Page), 2 * Page)]);
        using GuestMemoryRegion region = Region(start, length);
        Assert.Throws<ArgumentException>(() => memory.Add(region));
        Assert.Equal(1, memory.Regions.Length);
    }

    [Fact]
    public void A_region_removed_is_no_RAM_but_stays_mapped_for_those_who_hold_it()
    {
        using GuestMemory memory = GuestMemory.CreateAnonymous([new(default, Page)]);
        using GuestMemoryRegion region = Region(Page);
        memory.Add(region);
        Assert.True(memory.TryGetBuffer(new GuestAddress(Page), 8, out GuestBuffer held));

        Assert.True(memory.Remove(region));
        Assert.False(memory.Remove(region));

        Assert.False(memory.TryGetBuffer(new GuestAddress(Page), 1, out _));
        Assert.False(memory.Contains(new GuestAddress(Page), 1));
        held.Span.Fill(7);
        Assert.True(region.TryGetSpan(0, 8, out Span<byte> span));
        Assert.DoesNotContain(span.ToArray(), value => value != 7);
        memory.Add(region);
        Assert.True(memory.TryRead(new GuestAddress(Page), out ulong value));
        Assert.Equal(0x0707_0707_0707_0707UL, value);
        Assert.True(memory.Remove(region));
    }

    [Fact]
    public void Readers_see_every_region_that_stays_while_others_come_and_go()
    {
        using GuestMemory memory = GuestMemory.CreateAnonymous([new(new GuestAddress(2 * Page), Page)]);
        using GuestMemoryRegion below = Region(0), above = Region(8 * Page);
        bool done = false;
        int missed = 0;
        Thread reader = new(() =>
        {
            while (!Volatile.Read(ref done))
            {
                missed += memory.TryRead(new GuestAddress(2 * Page), out ulong _) ? 0 : 1;
            }
        });
        reader.Start();
        for (int i = 0; i < 5000; i++)
        {
            memory.Add(below);
            memory.Add(above);
            Assert.True(memory.Remove(below));
            Assert.True(memory.Remove(above));
        }

        Volatile.Write(ref done, true);
        reader.Join();
        Assert.Equal(0, missed);
    }

    private static GuestMemoryRegion Region(ulong start, ulong length = Page) =>
        new(new GuestAddress(start), MemoryMapping.CreateAnonymous((nuint)length));
}
