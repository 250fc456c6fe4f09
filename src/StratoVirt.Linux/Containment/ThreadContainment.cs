using System.Globalization;

namespace StratoVirt.Linux.Containment;

/// <summary>How one thread of this process is contained, by the kernel's own account.</summary>
/// <param name="ThreadId">The kernel's id.</param>
/// <param name="Name">Its name, the first 15 bytes.</param>
/// <param name="IsForbiddenNew">Whether it can gain privileges no more.</param>
/// <param name="IsFiltered">Whether a seccomp filter watches it.</param>
/// <param name="Permitted">Capabilities it has or can take up; bit n is capability n.</param>
/// <param name="Bounding">Capabilities it could ever gain.</param>
public sealed record ThreadContainment(int ThreadId, string Name, bool IsForbiddenNew, bool IsFiltered, ulong Permitted, ulong Bounding)
{
    /// <summary>All threads of this process. One that ends meanwhile is left out.</summary>
    /// <exception cref="IOException">There is no <c>/proc</c>.</exception>
    public static IReadOnlyList<ThreadContainment> ReadAll()
    {
        List<ThreadContainment> threads = [];
        foreach (string thread in Directory.EnumerateDirectories("/proc/self/task"))
        {
            try
            {
                threads.Add(Parse(File.ReadLines(Path.Combine(thread, "status"))));
            }
            catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException || IsGone(gone))
            {
                continue;
            }
        }

        return threads;
    }

    internal static ThreadContainment Parse(IEnumerable<string> status)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string line in status)
        {
            if (line.Split(':', 2, StringSplitOptions.TrimEntries) is [string name, string value])
            {
                fields.Add(name, value);
            }
        }

        return new ThreadContainment(
            int.Parse(Field("Pid"), CultureInfo.InvariantCulture),
            Field("Name"),
            Field("NoNewPrivs") == "1",
            Field("Seccomp") == "2",
            ulong.Parse(Field("CapPrm"), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture),
            ulong.Parse(Field("CapBnd"), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));

        string Field(string name) => fields.TryGetValue(name, out string? value) ? value : "0";
    }

    // A thread that ends between its opening and its reading answers ESRCH.
    private static bool IsGone(Exception failure) => failure is IOException && failure.HResult == (int)Errno.NoProcess;
}
