using StratoVirt.Linux;
using StratoVirt.Linux.Handles;
using StratoVirt.Memory;

namespace StratoVirt.Devices.Virtio.Balloon;

/// <summary>
/// Gives guest pages back to the host. Only whole host pages go: an edge that shares its page with memory the guest
/// keeps stays. A part of a huge page goes too; the kernel splits it.
/// </summary>
internal sealed class PageRelease
{
    private static readonly ulong PageMask = (ulong)Environment.SystemPageSize - 1;

    private long _released;
    private long _refused;

    /// <summary>Bytes given back.</summary>
    internal long Released => Volatile.Read(ref _released);

    /// <summary>Bytes that stayed.</summary>
    internal long Refused => Volatile.Read(ref _refused);

    /// <summary>Gives a range back, as far as it is RAM.</summary>
    /// <returns>Bytes of it that are RAM.</returns>
    internal ulong Release(GuestMemory memory, ulong start, ulong length)
    {
        ulong end = start + length;
        ulong found = 0;
        foreach (GuestMemoryRegion region in memory.Regions)
        {
            ulong first = Math.Max(start, region.Range.Start.Value);
            ulong last = Math.Min(end, region.Range.End.Value);
            if (first < last)
            {
                found += last - first;
                Release(region, first - region.Range.Start.Value, last - region.Range.Start.Value);
            }
        }

        return found;
    }

    /// <summary>Gives a checked buffer back.</summary>
    internal void Release(GuestMemory memory, GuestBuffer buffer)
    {
        if (TryFind(memory, buffer, out GuestRange range))
        {
            Release(memory, range.Start.Value, range.Length);
        }
    }

    /// <summary>Where the guest has a checked buffer; false when its region has been unplugged meanwhile.</summary>
    internal static bool TryFind(GuestMemory memory, GuestBuffer buffer, out GuestRange range)
    {
        foreach (GuestMemoryRegion region in memory.Regions)
        {
            ulong offset = unchecked((ulong)(buffer.HostAddress - region.HostAddress));
            if (offset < region.Range.Length)
            {
                range = new GuestRange(region.Range.Start + offset, (ulong)buffer.Length);
                return true;
            }
        }

        range = default;
        return false;
    }

    // Private anonymous memory is dropped. Shared memory, which other processes may map too, is cut out of the file
    // behind it, or dropping it would free nothing; the kernel refuses that for a private mapping of a file, where
    // dropping would bring back what the file holds.
    private void Release(GuestMemoryRegion region, ulong first, ulong last)
    {
        ulong from = (first + PageMask) & ~PageMask;
        ulong to = last & ~PageMask;
        ulong whole = to > from ? to - from : 0;
        if (whole > 0)
        {
            MemoryAdvice advice = region.IsAnonymous ? MemoryAdvice.DontNeed : MemoryAdvice.Remove;
            whole = region.Mapping.Advise((nuint)from, (nuint)whole, advice) == Errno.None ? whole : 0;
        }

        _released += (long)whole;
        _refused += (long)(last - first - whole);
    }
}
