namespace StratoVirt.GuestImages.Modules;

/// <summary>
/// The kernel's name of a module. Files may spell it with hyphens; the kernel, and so everything here, uses underscores
/// (kmod, libkmod-util.c: modname_normalize).
/// </summary>
internal static class ModuleName
{
    // MODULE_NAME_LEN, include/linux/moduleparam.h: 64 bytes less a pointer, terminator included.
    private const int MaxLength = 55;

    /// <summary>The name in the kernel's spelling.</summary>
    public static string Normalize(string name) => name.Replace('-', '_');

    /// <summary>The name of the module in a file such as <c>kernel/fs/ext4/ext4.ko</c>; null if it is no module.</summary>
    public static string? OfFile(string path)
    {
        string file = Path.GetFileName(path);
        int suffix = file.IndexOf(".ko", StringComparison.Ordinal);
        return suffix > 0 && file[suffix..] is ".ko" or ".ko.xz" or ".ko.zst" or ".ko.gz"
            ? Normalize(file[..suffix])
            : null;
    }

    /// <summary>Whether the text can be a module's name: nothing that could be a path or break a script.</summary>
    public static bool IsValid(string name) =>
        name.Length is > 0 and <= MaxLength && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-');
}
