namespace StratoVirt.GuestImages.Modules;

/// <summary>Limits and readings common to module files, wherever they lie.</summary>
internal static class ModuleFile
{
    /// <summary>The largest of Debian's, amdgpu, is 20 MiB with its signature.</summary>
    public const int SizeLimit = 64 * 1024 * 1024;

    /// <summary>Throws unless this build reads modules of this form and size.</summary>
    /// <param name="path">The file's path, for its suffix and the message.</param>
    /// <param name="size">Its size in bytes.</param>
    public static void CheckReadable(string path, long size)
    {
        if (!path.EndsWith(".ko", StringComparison.Ordinal))
        {
            throw new GuestImageException(
                GuestImageErrorId.FileUnusable,
                $"Module '{path}' is compressed.",
                "Unpack the modules first, for example with 'unxz' or 'unzstd' on a copy of the module directory.");
        }

        if (size is <= 0 or > SizeLimit)
        {
            throw new GuestImageException(
                GuestImageErrorId.ModuleDamaged,
                $"Module '{path}' has {size} bytes; between 1 and {SizeLimit} were expected.",
                "Check that the module directory is complete.");
        }
    }
}
