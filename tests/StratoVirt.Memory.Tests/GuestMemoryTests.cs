using CsCheck;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Memory.Tests;

/// <summary>GuestMemory against a model: a dictionary of bytes.</summary>
public sealed class GuestMemoryTests
{
    private const ulong Page = 0x1000;

    /// <summary>Two adjacent regions, a gap, and one that ends a page short of 2^64.</summary>
    private static readonly GuestRange[] Ranges =
    [
        new(new GuestAddress(0), 2 * Page),
        new(new GuestAddress(2 * Page), Page),
        new(new GuestAddress(8 * Page), Page),
        new(new GuestAddress(ulong.MaxValue - (2 * Page) + 1), Page),
    ];

    private static readonly Gen<ulong> Addresses = Gen.OneOf(
        Gen.ULong[0, 10 * Page],
        Gen.ULong[ulong.MaxValue - (3 * Page), ulong.MaxValue],
        Gen.ULong);

    private static bool IsRam(ulong address) =>
        Ranges.Any(range => address >= range.Start.Value && address - range.Start.Value < range.Length);

    [Fact]
    public void Reads_and_writes_agree_with_a_model_of_bytes()
    {
        Gen.Select(Addresses, Gen.Byte.Array[0, 5000], Gen.Bool).List[1, 12].Sample(operations =>
        {
            using GuestMemory memory = GuestMemory.CreateAnonymous(Ranges);
            Dictionary<ulong, byte> model = [];
            foreach ((ulong address, byte[] data, bool isWrite) in operations)
            {
                if (isWrite)
                {
                    bool wrote = memory.TryWrite(new GuestAddress(address), data);
                    bool stopped = false;
                    for (int i = 0; i < data.Length && !stopped; i++)
                    {
                        ulong at = unchecked(address + (ulong)i);
                        stopped = !IsRam(at);
                        if (!stopped)
                        {
                            model[at] = data[i];
                        }
                    }

                    Assert.Equal(!stopped, wrote);
                }
                else
                {
                    byte[] read = new byte[data.Length];
                    bool all = Enumerable.Range(0, data.Length).All(i => IsRam(unchecked(address + (ulong)i)));
                    Assert.Equal(all, memory.TryRead(new GuestAddress(address), read));
                    for (int i = 0; all && i < read.Length; i++)
                    {
                        Assert.Equal(model.GetValueOrDefault(address + (ulong)i), read[i]);
                    }
                }
            }
        }, iter: 300);
    }

    [Fact]
    public void A_span_is_given_exactly_when_it_lies_in_one_region()
    {
        using GuestMemory memory = GuestMemory.CreateAnonymous(Ranges);
        Gen.Select(Addresses, Gen.Int[-2, 10000]).Sample((address, length) =>
        {
            bool expected = length >= 0 && Ranges.Any(
                range => address >= range.Start.Value && address - range.Start.Value < range.Length
                    && (ulong)length <= range.Length - (address - range.Start.Value));
            Assert.Equal(expected, memory.TryGetSpan(new GuestAddress(address), length, out Span<byte> span));
            Assert.Equal(expected ? length : 0, span.Length);
        });
    }

    [Fact]
    public void Contains_agrees_with_reading()
    {
        using GuestMemory memory = GuestMemory.CreateAnonymous(Ranges);
        Gen.Select(Addresses, Gen.Int[1, 5 * (int)Page]).Sample((address, length) =>
            Assert.Equal(
                memory.TryRead(new GuestAddress(address), new byte[length]),
                memory.Contains(new GuestAddress(address), (ulong)length)));
        Assert.False(memory.Contains(new GuestAddress(1), ulong.MaxValue));
    }

    [Fact]
    public void Zeroing_clears_the_range_and_nothing_beside_it()
    {
        Gen.Select(Gen.Int[0, 3 * (int)Page], Gen.Int[0, 3 * (int)Page]).Sample((start, length) =>
        {
            length = Math.Min(length, (3 * (int)Page) - start);
            using GuestMemory memory = GuestMemory.CreateAnonymous(Ranges);
            byte[] bytes = new byte[3 * Page];
            bytes.AsSpan().Fill(0xA5);
            Assert.True(memory.TryWrite(new GuestAddress(0), bytes));
            Assert.True(memory.TryZero(new GuestAddress((ulong)start), (ulong)length));
            bytes.AsSpan(start, length).Clear();
            byte[] after = new byte[bytes.Length];
            Assert.True(memory.TryRead(new GuestAddress(0), after));
            Assert.True(bytes.AsSpan().SequenceEqual(after));
        }, iter: 200);
    }

    [Theory]
    [InlineData(0x3000UL, 1UL)]
    [InlineData(0UL, 0x3001UL)]
    [InlineData(ulong.MaxValue, 2UL)]
    [InlineData(0UL, ulong.MaxValue)]
    public void Zeroing_beyond_memory_fails(ulong address, ulong length)
    {
        using GuestMemory memory = GuestMemory.CreateAnonymous(Ranges);
        Assert.False(memory.TryZero(new GuestAddress(address), length));
    }

    [Fact]
    public void Shared_memory_is_zeroed_by_writing()
    {
        using MemFd file = MemFd.Create("zero-test", Page);
        using GuestMemory memory = new([new GuestMemoryRegion(new GuestAddress(0), MemoryMapping.CreateShared(file, (nuint)Page))]);
        Assert.True(memory.TryWrite(new GuestAddress(0), 0x1122334455667788UL));
        Assert.True(memory.TryZero(new GuestAddress(0), Page));
        Assert.True(memory.TryRead(new GuestAddress(0), out ulong value));
        Assert.Equal(0UL, value);
    }

    [Fact]
    public void Structures_cross_adjacent_regions()
    {
        using GuestMemory memory = GuestMemory.CreateAnonymous(Ranges);
        GuestAddress address = new((2 * Page) - 3);
        Assert.True(memory.TryWrite(address, 0x1122334455667788UL));
        Assert.True(memory.TryRead(address, out ulong value));
        Assert.Equal(0x1122334455667788UL, value);
        Assert.False(memory.TryGetSpan(address, 8, out _));
        Assert.False(memory.TryWrite(new GuestAddress((3 * Page) - 3), 0UL));
    }

    [Fact]
    public void Memory_takes_none_from_the_host_until_touched_and_stays_out_of_core_dumps()
    {
        using GuestMemory memory = GuestMemory.CreateAnonymous([new GuestRange(new GuestAddress(0), 64 << 20)]);
        string[] lines = File.ReadAllLines("/proc/self/smaps");
        string start = $"{memory.Regions[0].HostAddress:x}-";
        int index = Array.FindIndex(lines, line => line.StartsWith(start, StringComparison.Ordinal));
        Assert.True(index >= 0, "the mapping is not its own entry of smaps");
        string[] entry = [.. lines.Skip(index + 1).TakeWhile(line => !char.IsAsciiHexDigitLower(line[0]) && !char.IsAsciiDigit(line[0]))];
        Assert.Contains(entry, line => line.StartsWith("Rss:", StringComparison.Ordinal) && line.EndsWith(" 0 kB", StringComparison.Ordinal));
        Assert.Contains(entry, line => line.StartsWith("VmFlags:", StringComparison.Ordinal) && line.Contains(" dd", StringComparison.Ordinal));
    }

    [Fact]
    public void A_refused_range_leaves_nothing_mapped()
    {
        // No host has 2^62 bytes of address space; the range before it must be unmapped again.
        GuestRange[] ranges = [new(new GuestAddress(0), 3 << 20), new(new GuestAddress(1UL << 40), 1UL << 62)];
        const int Attempts = 50;
        long before = MappedBytes();
        for (int i = 0; i < Attempts; i++)
        {
            Assert.Throws<Linux.LinuxException>(() => GuestMemory.CreateAnonymous(ranges));
        }

        Assert.True(MappedBytes() - before < Attempts / 2 * (3L << 20), "mappings were left behind");
    }

    [Fact]
    public void Overlapping_empty_and_unaligned_ranges_are_refused()
    {
        Assert.Throws<ArgumentException>(() => GuestMemory.CreateAnonymous(
            [new GuestRange(new GuestAddress(0), 2 * Page), new GuestRange(new GuestAddress(Page), Page)]));
        Assert.Throws<ArgumentException>(() => GuestMemory.CreateAnonymous([new GuestRange(new GuestAddress(0), 0)]));
        Assert.Throws<ArgumentException>(() => GuestMemory.CreateAnonymous([new GuestRange(new GuestAddress(1), Page)]));
        Assert.Throws<ArgumentException>(() => GuestMemory.CreateAnonymous([new GuestRange(new GuestAddress(ulong.MaxValue - Page + 1), 2 * Page)]));
    }

    private static long MappedBytes() => long.Parse(
        File.ReadAllText("/proc/self/statm").Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture) * Environment.SystemPageSize;
}
