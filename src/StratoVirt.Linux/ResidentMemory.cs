using System.Buffers;
using System.Globalization;
using System.Text;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Linux;

/// <summary>How much of this process' address space is backed by memory (proc(5), <c>/proc/self/smaps</c>).</summary>
public static class ResidentMemory
{
    private const string Resident = "Rss:";

    /// <summary>Bytes resident in mappings that begin within one of some ranges of addresses.</summary>
    /// <param name="ranges">First address and bytes of each; they do not overlap.</param>
    /// <returns>Null where there is no /proc to look into.</returns>
    /// <exception cref="LinuxException">The kernel does not show it.</exception>
    public static ulong? Of(IReadOnlyList<(nint Start, ulong Length)> ranges)
    {
        ArgumentNullException.ThrowIfNull(ranges);
        if (ReadAll("/proc/self/smaps") is not { } text)
        {
            return null;
        }

        ulong resident = 0;
        bool within = false;
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            // A mapping's line begins with its range in hexadecimal, a figure's with its name in capitals.
            int dash = line.IndexOf('-');
            if (dash > 0 && ulong.TryParse(line[..dash], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong address))
            {
                within = IsWithin(address, ranges);
            }
            else if (within && line.StartsWith(Resident, StringComparison.Ordinal))
            {
                resident += ReadKibibytes(line[Resident.Length..]) << 10;
            }
        }

        return resident;
    }

    private static bool IsWithin(ulong address, IReadOnlyList<(nint Start, ulong Length)> ranges) =>
        ranges.Any(range => address >= (ulong)range.Start && address - (ulong)range.Start < range.Length);

    // Opened, read and closed, and nothing else asked of it: a contained process has no more calls than that.
    private static string? ReadAll(string path)
    {
        const int Chunk = 64 << 10;
        using FileDescriptor? file = FileDescriptor.TryOpen(path, OpenFlags.ReadOnly, 0, out Errno refusal);
        if (file is null)
        {
            return refusal == Errno.NoEntry ? null : throw new LinuxException("open", refusal, path);
        }

        var text = new ArrayBufferWriter<byte>(Chunk);
        while (true)
        {
            Errno errno = file.Read(text.GetSpan(Chunk), out int count);
            if (errno != Errno.None)
            {
                throw new LinuxException("read", errno, path);
            }

            if (count == 0)
            {
                return Encoding.UTF8.GetString(text.WrittenSpan);
            }

            text.Advance(count);
        }
    }

    // "      1234 kB"
    private static ulong ReadKibibytes(ReadOnlySpan<char> figure)
    {
        ReadOnlySpan<char> trimmed = figure.Trim();
        return ulong.Parse(trimmed[..trimmed.IndexOf(' ')], NumberStyles.None, CultureInfo.InvariantCulture);
    }
}
