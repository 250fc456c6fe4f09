namespace StratoVirt.Memory;

public sealed partial class GuestMemory
{
    /// <summary>Whether other processes can map all of it, as device backends outside this process need.</summary>
    public bool IsShared
    {
        get
        {
            foreach (GuestMemoryRegion region in _regions)
            {
                if (!region.IsShared)
                {
                    return false;
                }
            }

            return true;
        }
    }

    /// <summary>
    /// Makes zeroed RAM at the given ranges, one memory file each, which other processes can map when they are handed
    /// <see cref="GuestMemoryRegion.SharedFile"/>. Otherwise as <see cref="CreateAnonymous"/>.
    /// </summary>
    /// <param name="ranges">Where RAM is: page-aligned, not empty, not overlapping.</param>
    /// <exception cref="ArgumentException">A range is empty or unaligned, or two overlap.</exception>
    /// <exception cref="Linux.LinuxException">No descriptor left, or that much memory is refused.</exception>
    public static GuestMemory CreateShared(IEnumerable<GuestRange> ranges)
    {
        ArgumentNullException.ThrowIfNull(ranges);
        List<GuestMemoryRegion> regions = [];
        try
        {
            foreach (GuestRange range in ranges)
            {
                CheckPages(range);
                GuestMemoryRegion region = GuestMemoryRegion.CreateShared(range);
                regions.Add(region);
                if (range.Length >= HugePagesPayFrom)
                {
                    _ = region.Mapping.Advise(0, region.Mapping.Length, Linux.Handles.MemoryAdvice.HugePage);
                }
            }

            return new GuestMemory(regions);
        }
        catch
        {
            regions.ForEach(region => region.Dispose());
            throw;
        }
    }
}
