using System.Globalization;

namespace StratoVirt.Linux;

/// <summary>How much of this process' address space is backed by memory (proc(5), <c>/proc/self/smaps</c>).</summary>
public static class ResidentMemory
{
    private const string Resident = "Rss:";

    /// <summary>Bytes resident in mappings that begin within one of some ranges of addresses.</summary>
    /// <param name="ranges">First address and bytes of each; they do not overlap.</param>
    /// <exception cref="IOException">The kernel does not show it.</exception>
    public static ulong Of(IReadOnlyList<(nint Start, ulong Length)> ranges)
    {
        ArgumentNullException.ThrowIfNull(ranges);
        ulong resident = 0;
        bool within = false;
        foreach (string line in File.ReadLines("/proc/self/smaps"))
        {
            // A mapping's line begins with its range in hexadecimal, a figure's with its name in capitals.
            int dash = line.IndexOf('-', StringComparison.Ordinal);
            if (dash > 0 && ulong.TryParse(line.AsSpan(0, dash), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong address))
            {
                within = ranges.Any(range => address >= (ulong)range.Start && address - (ulong)range.Start < range.Length);
            }
            else if (within && line.StartsWith(Resident, StringComparison.Ordinal))
            {
                resident += ReadKibibytes(line.AsSpan(Resident.Length)) << 10;
            }
        }

        return resident;
    }

    // "      1234 kB"
    private static ulong ReadKibibytes(ReadOnlySpan<char> figure)
    {
        ReadOnlySpan<char> trimmed = figure.Trim();
        return ulong.Parse(trimmed[..trimmed.IndexOf(' ')], NumberStyles.None, CultureInfo.InvariantCulture);
    }
}
