using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Memory;

/// <summary>
/// The guest's RAM: sorted, non-overlapping regions behind guest physical addresses. Reads copy out and writes copy
/// in, crossing from one region into an adjacent one where a guest's buffer does. Every method that takes an address
/// reports failure with a result; none throws on a guest's input, none allocates.
/// </summary>
public sealed partial class GuestMemory : IDisposable
{
    // A huge page on x86_64 and, with 4 KiB pages, on aarch64.
    private const int HugePage = 2 << 20;

    // A kernel touches tens of megabytes while it boots, and every page it touches first costs a fault in the guest and
    // one in the host; huge pages save nearly all of them. Guests smaller than this are kept for their density.
    private const ulong HugePagesPayFrom = 128 << 20;

    private readonly Lock _changing = new();

    // Replaced as a whole: a vCPU or I/O thread that looks an address up sees the old set or the new one.
    private volatile GuestMemoryRegion[] _regions;

    /// <summary>Takes ownership of the regions.</summary>
    /// <exception cref="ArgumentException">Two regions overlap.</exception>
    public GuestMemory(IEnumerable<GuestMemoryRegion> regions)
    {
        _regions = [.. regions];
        Array.Sort(_regions, ByAddress);
        for (int i = 1; i < _regions.Length; i++)
        {
            if (_regions[i - 1].Range.Overlaps(_regions[i].Range))
            {
                throw new ArgumentException($"Regions {_regions[i - 1].Range} and {_regions[i].Range} overlap.", nameof(regions));
            }
        }
    }

    /// <summary>
    /// Makes zeroed RAM at the given ranges, private to this process, taking host memory only as the guest touches it
    /// and staying out of core dumps. On failure nothing is left mapped.
    /// </summary>
    /// <param name="ranges">Where RAM is: page-aligned, not empty, not overlapping.</param>
    /// <exception cref="ArgumentException">A range is empty or unaligned, or two overlap.</exception>
    /// <exception cref="Linux.LinuxException">The host refuses that much address space.</exception>
    public static GuestMemory CreateAnonymous(IEnumerable<GuestRange> ranges)
    {
        ArgumentNullException.ThrowIfNull(ranges);
        List<GuestMemoryRegion> regions = [];
        try
        {
            foreach (GuestRange range in ranges)
            {
                regions.Add(CreateAnonymousRegion(range));
            }

            return new GuestMemory(regions);
        }
        catch
        {
            regions.ForEach(region => region.Dispose());
            throw;
        }
    }

    /// <summary>The regions, by ascending address.</summary>
    public ReadOnlySpan<GuestMemoryRegion> Regions => _regions;

    /// <summary>Bytes of RAM in all.</summary>
    public ulong TotalLength
    {
        get
        {
            ulong total = 0;
            foreach (GuestMemoryRegion region in _regions)
            {
                total += region.Range.Length;
            }

            return total;
        }
    }

    /// <summary>Whether a whole range is RAM.</summary>
    public bool Contains(GuestAddress address, ulong length)
    {
        while (length > 0)
        {
            if (!TryFind(address, out GuestMemoryRegion? region))
            {
                return false;
            }

            ulong available = region.Range.Length - (address.Value - region.Range.Start.Value);
            if (length <= available)
            {
                return true;
            }

            length -= available;
            address = region.Range.End;
        }

        return TryFind(address, out _);
    }

    /// <summary>
    /// A range inside one region as a span over the guest's own memory; false when it is not RAM or spans regions.
    /// The guest may change the bytes at any moment: copy before checking.
    /// </summary>
    public bool TryGetSpan(GuestAddress address, int length, out Span<byte> span)
    {
        if (TryFind(address, out GuestMemoryRegion? region))
        {
            return region.TryGetSpan(address.Value - region.Range.Start.Value, length, out span);
        }

        span = default;
        return false;
    }

    /// <summary>
    /// The longest run at an address that lies in one piece in this process, at most <paramref name="length"/> bytes;
    /// false when the address is not RAM. A caller that needs more asks again behind the run.
    /// </summary>
    public bool TryGetBuffer(GuestAddress address, uint length, out GuestBuffer buffer)
    {
        if (!TryFind(address, out GuestMemoryRegion? region))
        {
            buffer = default;
            return false;
        }

        ulong offset = address.Value - region.Range.Start.Value;
        ulong run = Math.Min(Math.Min(length, region.Range.Length - offset), int.MaxValue);
        buffer = new GuestBuffer(region.HostAddress + (nint)offset, (int)run);
        return true;
    }

    /// <summary>Plugs a region in and takes ownership of it. Reads and writes reach it from now on.</summary>
    /// <exception cref="ArgumentException">It overlaps a region that is there.</exception>
    public void Add(GuestMemoryRegion region)
    {
        ArgumentNullException.ThrowIfNull(region);
        lock (_changing)
        {
            foreach (GuestMemoryRegion present in _regions)
            {
                if (present.Range.Overlaps(region.Range))
                {
                    throw new ArgumentException($"Regions {present.Range} and {region.Range} overlap.", nameof(region));
                }
            }

            GuestMemoryRegion[] more = [.. _regions, region];
            Array.Sort(more, ByAddress);
            _regions = more;
        }
    }

    /// <summary>
    /// Unplugs a region. It is not disposed: I/O that was checked against it may still be under way, so its mapping
    /// must stay until every device has come to rest.
    /// </summary>
    /// <returns>Whether the region was there.</returns>
    public bool Remove(GuestMemoryRegion region)
    {
        lock (_changing)
        {
            GuestMemoryRegion[] kept = [.. _regions.Where(present => present != region)];
            bool found = kept.Length != _regions.Length;
            _regions = kept;
            return found;
        }
    }

    /// <summary>Copies guest memory out; false, with the destination undefined, when a byte is not RAM.</summary>
    public bool TryRead(GuestAddress address, Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            if (!TryGetRun(address, destination.Length, out Span<byte> run))
            {
                return false;
            }

            run.CopyTo(destination);
            destination = destination[run.Length..];
            address = new GuestAddress(unchecked(address.Value + (ulong)run.Length));
        }

        return true;
    }

    /// <summary>Copies into guest memory; false when a byte is not RAM, with the part before it written.</summary>
    public bool TryWrite(GuestAddress address, ReadOnlySpan<byte> source)
    {
        while (!source.IsEmpty)
        {
            if (!TryGetRun(address, source.Length, out Span<byte> run))
            {
                return false;
            }

            source[..run.Length].CopyTo(run);
            source = source[run.Length..];
            address = new GuestAddress(unchecked(address.Value + (ulong)run.Length));
        }

        return true;
    }

    /// <summary>Makes a range read as zero; false when a byte is not RAM, with the part before it cleared.</summary>
    public bool TryZero(GuestAddress address, ulong length)
    {
        while (length > 0)
        {
            if (!TryFind(address, out GuestMemoryRegion? region))
            {
                return false;
            }

            ulong offset = address.Value - region.Range.Start.Value;
            ulong run = Math.Min(length, region.Range.Length - offset);
            _ = region.TryZero(offset, run);
            length -= run;
            address = new GuestAddress(unchecked(address.Value + run));
        }

        return true;
    }

    /// <summary>Copies one little-endian structure out.</summary>
    public bool TryRead<T>(GuestAddress address, out T value)
        where T : unmanaged
    {
        Unsafe.SkipInit(out value);
        return TryRead(address, MemoryMarshal.AsBytes(new Span<T>(ref value)));
    }

    /// <summary>Copies one little-endian structure in.</summary>
    public bool TryWrite<T>(GuestAddress address, in T value)
        where T : unmanaged => TryWrite(address, MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)));

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (GuestMemoryRegion region in _regions)
        {
            region.Dispose();
        }
    }

    private static int ByAddress(GuestMemoryRegion left, GuestMemoryRegion right) => left.Range.Start.CompareTo(right.Range.Start);

    private static void CheckPages(GuestRange range)
    {
        ulong pageMask = (ulong)Environment.SystemPageSize - 1;
        if (range.Length == 0 || ((range.Start.Value | range.Length) & pageMask) != 0 || range.Start.Value + range.Length < range.Start.Value)
        {
            throw new ArgumentException($"{range} is no whole number of pages.", nameof(range));
        }
    }

    private static GuestMemoryRegion CreateAnonymousRegion(GuestRange range)
    {
        CheckPages(range);
        MemoryMapping mapping = MemoryMapping.CreateAnonymousAligned((nuint)range.Length, HugePage);
        _ = mapping.Advise(0, mapping.Length, MemoryAdvice.DontDump);
        if (range.Length >= HugePagesPayFrom)
        {
            _ = mapping.Advise(0, mapping.Length, MemoryAdvice.HugePage);
        }

        return new GuestMemoryRegion(range.Start, mapping, isAnonymous: true);
    }

    private bool TryGetRun(GuestAddress address, int wanted, out Span<byte> run)
    {
        if (!TryFind(address, out GuestMemoryRegion? region))
        {
            run = default;
            return false;
        }

        ulong offset = address.Value - region.Range.Start.Value;
        ulong available = region.Range.Length - offset;
        return region.TryGetSpan(offset, (int)Math.Min((ulong)wanted, available), out run);
    }

    private bool TryFind(GuestAddress address, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out GuestMemoryRegion? region)
    {
        foreach (GuestMemoryRegion candidate in _regions)
        {
            if (address.Value - candidate.Range.Start.Value < candidate.Range.Length && address >= candidate.Range.Start)
            {
                region = candidate;
                return true;
            }
        }

        region = null;
        return false;
    }
}
