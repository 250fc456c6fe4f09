namespace StratoVirt.Definitions;

/// <summary>The files a definition names.</summary>
public static class DefinitionPaths
{
    /// <summary>The same definition with every path absolute.</summary>
    /// <param name="definition">The definition.</param>
    /// <param name="baseDirectory">Absolute directory at which relative paths start: that of the document, or the
    /// session's location (which is not the process' working directory in PowerShell).</param>
    public static VmDefinition ResolvePaths(this VmDefinition definition, string baseDirectory)
    {
        ArgumentNullException.ThrowIfNull(definition);
        BootSpec boot = definition.Spec.Boot;
        return definition with
        {
            Spec = definition.Spec with
            {
                Boot = boot with { Kernel = Resolve(boot.Kernel, baseDirectory), Initrd = Resolve(boot.Initrd, baseDirectory) },
            },
        };
    }

    /// <summary>The first path in a definition that is relative, with its key; null when all are absolute.</summary>
    public static (string Key, string Path)? FindRelativePath(VmDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        BootSpec boot = definition.Spec.Boot;
        return IsRelative(boot.Kernel) ? ("spec.boot.kernel", boot.Kernel!)
            : IsRelative(boot.Initrd) ? ("spec.boot.initrd", boot.Initrd!)
            : null;
    }

    private static bool IsRelative(string? path) => path is not null && !Path.IsPathFullyQualified(path);

    private static string? Resolve(string? path, string baseDirectory) =>
        string.IsNullOrEmpty(path) ? path : Path.GetFullPath(path, baseDirectory);
}
