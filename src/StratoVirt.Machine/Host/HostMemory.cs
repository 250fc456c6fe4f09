using System.Globalization;

namespace StratoVirt.Machine.Host;

/// <summary>The host's memory as <c>/proc/meminfo</c> tells it.</summary>
/// <param name="Total">Physical memory in bytes.</param>
/// <param name="Available">Memory that can be had without swapping, in bytes.</param>
/// <param name="Swap">Swap space in bytes.</param>
internal readonly record struct HostMemory(ulong Total, ulong Available, ulong Swap)
{
    private const string Table = "/proc/meminfo";

    /// <summary>Reads it now. Values a kernel does not print are zero.</summary>
    public static HostMemory Read()
    {
        ulong total = 0;
        ulong available = 0;
        ulong swap = 0;

        // Inside a jail there is no such file: the process that made the jail has seen it.
        foreach (string line in File.Exists(Table) ? File.ReadLines(Table) : [])
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            switch (colon < 0 ? string.Empty : line[..colon])
            {
                case "MemTotal":
                    total = Kibibytes(line.AsSpan(colon + 1));
                    break;
                case "MemAvailable":
                    available = Kibibytes(line.AsSpan(colon + 1));
                    break;
                case "SwapTotal":
                    swap = Kibibytes(line.AsSpan(colon + 1));
                    break;
            }
        }

        return new HostMemory(total, available, swap);
    }

    private static ulong Kibibytes(ReadOnlySpan<char> text)
    {
        text = text.Trim();
        int space = text.IndexOf(' ');
        ReadOnlySpan<char> digits = space < 0 ? text : text[..space];
        return ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out ulong kib) ? kib << 10 : 0;
    }
}
