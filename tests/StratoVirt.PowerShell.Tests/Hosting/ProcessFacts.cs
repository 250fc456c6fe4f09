using System.Globalization;
using System.Runtime.InteropServices;

namespace StratoVirt.PowerShell.Tests.Hosting;

/// <summary>What /proc tells of a process.</summary>
internal static class ProcessFacts
{
    private const int KillAtOnce = 9;

    /// <summary>The processes that a process has started and that have not been waited for.</summary>
    public static int[] ChildrenOf(int process)
    {
        try
        {
            return [.. Directory.GetDirectories($"/proc/{process}/task")
                .SelectMany(task => ReadUnlessGone(Path.Combine(task, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Select(child => int.Parse(child, CultureInfo.InvariantCulture))];
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }

    /// <summary>Whether there is such a process and it has not ended, waited for or not. Its first thread may have while
    /// others, and its files with them, are still there.</summary>
    public static bool IsAlive(int process)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{process}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..][0] is not ('Z' or 'X') || Directory.GetDirectories($"/proc/{process}/task").Length > 1;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Ends a process without asking it; nothing when there is none.</summary>
    public static void End(int process) => _ = Kill(process, KillAtOnce);

    /// <summary>Open descriptors, threads and mappings of this process.</summary>
    public static (int Descriptors, int Threads, int Mappings) OfThisOne => (
        Directory.GetFileSystemEntries("/proc/self/fd").Length,
        Directory.GetDirectories("/proc/self/task").Length,
        File.ReadAllLines("/proc/self/maps").Length);

    /// <summary>KiB of a line of a process's smaps_rollup.</summary>
    public static long Memory(int process, string line) => File.ReadLines($"/proc/{process}/smaps_rollup")
        .Where(text => text.StartsWith($"{line}:", StringComparison.Ordinal))
        .Select(text => long.Parse(text.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture))
        .Single();

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Kill(int process, int signal);

    // Of a thread that has just ended there is nothing to tell; its children are another's by then.
    private static string ReadUnlessGone(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (IOException)
        {
            return string.Empty;
        }
    }
}
