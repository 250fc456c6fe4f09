using System.Globalization;

namespace StratoVirt.Bench.Measuring;

/// <summary>
/// What a process keeps in memory beside its guests' RAM, from <c>/proc/PID/smaps</c>: the resident size of all
/// mappings but those that are guest RAM.
/// </summary>
internal static class ResidentMemory
{
    /// <summary>Measures a process.</summary>
    /// <param name="processId">Its id.</param>
    /// <param name="guests">Guests in it.</param>
    /// <param name="guestKib">RAM of each, in KiB; larger than any other writable mapping.</param>
    /// <returns>KiB.</returns>
    public static long BesideGuestsKib(int processId, int guests, long guestKib) =>
        Measure(processId, guests, guestKib).ResidentKib;

    /// <summary>Measures a process.</summary>
    /// <param name="processId">Its id.</param>
    /// <param name="guests">Guests in it.</param>
    /// <param name="guestKib">RAM of each, in KiB; larger than any other writable mapping.</param>
    /// <returns>KiB that are resident, and those of them that no other process has and no file holds.</returns>
    public static (long ResidentKib, long PrivateDirtyKib) Measure(int processId, int guests, long guestKib)
    {
        long resident = 0;
        long dirty = 0;
        long guestMapped = 0;
        bool isGuest = false;
        foreach (string line in File.ReadLines($"/proc/{processId}/smaps"))
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (IsMapping(words, out long kib))
            {
                // The kernel joins neighbouring mappings of one kind, so guests' RAM may show as one.
                isGuest = words[1].StartsWith("rw", StringComparison.Ordinal) && kib >= guestKib;
                guestMapped += isGuest ? kib : 0;
            }
            else if (!isGuest && words[0] == "Rss:")
            {
                resident += long.Parse(words[1], CultureInfo.InvariantCulture);
            }
            else if (!isGuest && words[0] == "Private_Dirty:")
            {
                dirty += long.Parse(words[1], CultureInfo.InvariantCulture);
            }
        }

        // Whatever was joined to the guests' RAM counts as if all of it were resident.
        long excess = guestMapped - (guests * guestKib);
        return excess >= 0
            ? (resident + excess, dirty + excess)
            : throw new BenchException($"Process {processId} maps {guestMapped} KiB of guest RAM, not {guests} times {guestKib} KiB.");
    }

    private static bool IsMapping(string[] words, out long kib)
    {
        kib = 0;
        if (words.Length < 5 || words[0].IndexOf('-', StringComparison.Ordinal) is not (> 0 and int dash))
        {
            return false;
        }

        bool isRange = ulong.TryParse(words[0].AsSpan(0, dash), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong start)
            & ulong.TryParse(words[0].AsSpan(dash + 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong end);
        kib = (long)((end - start) >> 10);
        return isRange;
    }
}
