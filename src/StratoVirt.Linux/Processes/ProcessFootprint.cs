using System.Globalization;
using StratoVirt.Linux.Abi;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Linux.Processes;

/// <summary>
/// Makes a process that has started, and will not do much more, give back the memory that its start needed. For programs
/// that are alone in their process and linked against glibc: what is changed here is the process's as a whole.
/// </summary>
public static class ProcessFootprint
{
    // Bytes of a private mapping that differ from its file, in memory and swapped out.
    private const string Changed = "Anonymous:";
    private const string SwappedOut = "Swap:";

    /// <summary>Lets all threads share one heap of the C library: by default each gets its own (mallopt, M_ARENA_MAX). To
    /// be called before there are threads that allocate.</summary>
    public static void ShareNativeHeap() => _ = LibC.mallopt(LibC.M_ARENA_MAX, 1);

    /// <summary>Gives free pages of the C library's heap back (malloc_trim).</summary>
    public static void TrimNativeHeap() => _ = LibC.malloc_trim(0);

    /// <summary>Finds where the program's own file is mapped and holds nothing that is not in the file: code above all.</summary>
    /// <param name="program">The file, as <c>/proc/self/smaps</c> spells it.</param>
    /// <exception cref="IOException">The kernel does not show its mappings.</exception>
    public static IReadOnlyList<ProgramPages> FindProgramPages(string program)
    {
        List<ProgramPages> found = [];
        ProgramPages mapping = default;
        foreach (string line in File.ReadLines("/proc/self/smaps"))
        {
            // "start-end perms offset device inode path" begins a mapping, "Name:   n kB" says something of it.
            int dash = line.IndexOf('-', StringComparison.Ordinal);
            int blank = line.IndexOf(' ', StringComparison.Ordinal);
            if (dash > 0 && dash < blank && TryReadAddress(line.AsSpan(0, dash), out nint start)
                && TryReadAddress(line.AsSpan(dash + 1, blank - dash - 1), out nint end))
            {
                bool isConstant = line[blank + 2] == '-' && line.EndsWith($" {program}", StringComparison.Ordinal);
                mapping = isConstant ? new ProgramPages(start, (nuint)(end - start)) : default;
            }
            else if (line.StartsWith(Changed, StringComparison.Ordinal) && !SaysNone(line))
            {
                mapping = default;
            }
            else if (mapping.Length != 0 && line.StartsWith(SwappedOut, StringComparison.Ordinal) && SaysNone(line))
            {
                found.Add(mapping);
            }
        }

        return found;
    }

    /// <summary>Unmaps pages of the program: those that are needed again come back from the page cache by themselves.</summary>
    public static void Drop(IReadOnlyList<ProgramPages> pages)
    {
        ArgumentNullException.ThrowIfNull(pages);
        for (int i = 0; i < pages.Count; i++)
        {
            // A mapping that nobody may write holds what its file holds for ever.
            _ = LibC.madvise(pages[i].Start, pages[i].Length, (int)MemoryAdvice.DontNeed);
        }
    }

    private static bool SaysNone(string line) => line.EndsWith(" 0 kB", StringComparison.Ordinal);

    private static bool TryReadAddress(ReadOnlySpan<char> text, out nint address) =>
        nint.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out address);
}
