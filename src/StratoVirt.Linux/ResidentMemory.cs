using System.Globalization;

namespace StratoVirt.Linux;

/// <summary>How much of this process' address space is backed by memory (proc(5), <c>/proc/self/smaps</c>).</summary>
public static class ResidentMemory
{
    /// <summary>Bytes resident in mappings that begin within a range of addresses.</summary>
    /// <param name="start">First address.</param>
    /// <param name="length">Bytes.</param>
    /// <exception cref="IOException">The kernel does not show it.</exception>
    public static ulong Of(nint start, ulong length)
    {
        ulong first = (ulong)start;
        ulong resident = 0;
        bool within = false;
        foreach (string line in File.ReadLines("/proc/self/smaps"))
        {
            // A mapping's line begins with its range in hexadecimal, a figure's with its name in capitals.
            int dash = line.IndexOf('-', StringComparison.Ordinal);
            if (dash > 0 && ulong.TryParse(line.AsSpan(0, dash), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong address))
            {
                within = address >= first && address - first < length;
            }
            else if (within && line.StartsWith("Rss:", StringComparison.Ordinal))
            {
                string figure = line["Rss:".Length..].Trim();
                resident += ulong.Parse(figure.AsSpan(0, figure.IndexOf(' ', StringComparison.Ordinal)), NumberStyles.None, CultureInfo.InvariantCulture) << 10;
            }
        }

        return resident;
    }
}
