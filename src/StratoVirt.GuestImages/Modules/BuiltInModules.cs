namespace StratoVirt.GuestImages.Modules;

/// <summary>
/// The list <c>modules.builtin</c> of a kernel: one path a line (Documentation/kbuild/kbuild.rst).
/// </summary>
internal static class BuiltInModules
{
    // Debian's is some 20 KiB; bounded because the file is foreign.
    public const int SizeLimit = 4 * 1024 * 1024;

    /// <summary>The names in the list, in the kernel's spelling.</summary>
    public static IReadOnlySet<string> Parse(TextReader text)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        while (text.ReadLine() is { } line)
        {
            if (ModuleName.OfFile(line.Trim()) is { } name)
            {
                names.Add(name);
            }
        }

        return names;
    }
}
