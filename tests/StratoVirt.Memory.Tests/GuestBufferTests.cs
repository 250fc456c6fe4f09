using System.Runtime.InteropServices;
using CsCheck;

namespace StratoVirt.Memory.Tests;

/// <summary>Runs of guest memory as devices and the kernel's vectored calls get them.</summary>
public sealed class GuestBufferTests
{
    private const ulong Page = 0x1000;

    [Fact]
    public void A_run_ends_with_its_region()
    {
        using GuestMemory memory = GuestMemory.CreateAnonymous(
            [new(new GuestAddress(Page), Page), new(new GuestAddress(2 * Page), Page)]);

        Assert.True(memory.TryGetBuffer(new GuestAddress((2 * Page) - 4), 10, out GuestBuffer first));
        Assert.True(memory.TryGetBuffer(new GuestAddress(2 * Page), 6, out GuestBuffer rest));
        Assert.Equal((4, 6), (first.Length, rest.Length));
        "abcd"u8.CopyTo(first.Span);
        "efghij"u8.CopyTo(rest.Span);
        byte[] read = new byte[10];
        Assert.True(memory.TryRead(new GuestAddress((2 * Page) - 4), read));
        Assert.Equal("abcdefghij"u8, read);
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(Page - 1)]
    [InlineData(2 * Page)]
    [InlineData(ulong.MaxValue)]
    public void There_is_no_run_where_no_RAM_is(ulong address)
    {
        using GuestMemory memory = GuestMemory.CreateAnonymous([new(new GuestAddress(Page), Page)]);
        Assert.False(memory.TryGetBuffer(new GuestAddress(address), 1, out _));
        Assert.False(memory.TryGetBuffer(new GuestAddress(address), uint.MaxValue, out _));
    }

    [Fact]
    public void A_run_longer_than_a_span_can_be_is_cut()
    {
        using GuestMemory memory = GuestMemory.CreateAnonymous([new(default, 3UL << 30)]);
        Assert.True(memory.TryGetBuffer(default, uint.MaxValue, out GuestBuffer buffer));
        Assert.Equal(int.MaxValue, buffer.Length);
        Assert.Equal(int.MaxValue, buffer.Span.Length);
    }

    [Fact]
    public void Every_run_is_the_memory_at_its_address() =>
        Gen.Select(Gen.ULong[0, 4 * Page], Gen.UInt[0, (uint)(3 * Page)]).Sample((address, length) =>
        {
            using GuestMemory memory = GuestMemory.CreateAnonymous([new(new GuestAddress(Page), 2 * Page)]);
            bool isRam = address is >= Page and < 3 * Page;
            Assert.Equal(isRam, memory.TryGetBuffer(new GuestAddress(address), length, out GuestBuffer buffer));
            if (isRam)
            {
                Assert.Equal((int)Math.Min(length, (3 * Page) - address), buffer.Length);
                Assert.Equal(memory.Regions[0].HostAddress + (nint)(address - Page), buffer.HostAddress);
            }
        });

    [Fact]
    public void A_slice_lies_inside()
    {
        using GuestMemory memory = GuestMemory.CreateAnonymous([new(default, Page)]);
        Assert.True(memory.TryGetBuffer(default, 100, out GuestBuffer buffer));
        GuestBuffer slice = buffer.Slice(90, 10);
        Assert.Equal((buffer.HostAddress + 90, 10), (slice.HostAddress, slice.Length));
        Assert.Equal(0, buffer.Slice(100, 0).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Slice(91, 10));
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Slice(-1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Slice(1, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Slice(101, 0));
    }

    [Fact]
    public void An_array_of_them_is_laid_out_as_the_kernels_iovec()
    {
        using GuestMemory memory = GuestMemory.CreateAnonymous([new(default, Page)]);
        Assert.True(memory.TryGetBuffer(new GuestAddress(16), 5, out GuestBuffer buffer));
        ReadOnlySpan<nint> words = MemoryMarshal.Cast<GuestBuffer, nint>([buffer]);
        Assert.Equal([memory.Regions[0].HostAddress + 16, 5], words.ToArray());
    }
}
