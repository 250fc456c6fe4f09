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
        VmSpec spec = definition.Spec;
        string? Full(string? path) => string.IsNullOrEmpty(path) ? path : Path.GetFullPath(path, baseDirectory);
        return definition with
        {
            Spec = spec with
            {
                Boot = spec.Boot with { Kernel = Full(spec.Boot.Kernel), Initrd = Full(spec.Boot.Initrd) },
                Disks = [.. spec.Disks.Select(disk => disk with { Path = Full(disk.Path)! })],
                Ports = [.. spec.Ports.Select(port => port with { Socket = Full(port.Socket), File = Full(port.File), Pipe = Full(port.Pipe) })],
                Shares = [.. spec.Shares.Select(share => share with { Path = Full(share.Path)! })],
                PersistentMemory = [.. spec.PersistentMemory.Select(memory => memory with { Path = Full(memory.Path)! })],
                Entropy = spec.Entropy is { } entropy ? entropy with { Source = Full(entropy.Source) } : null,
                Vsock = spec.Vsock is { } vsock ? vsock with { Socket = Full(vsock.Socket) } : null,
            },
        };
    }

    /// <summary>The first path in a definition that is relative, with its key; null when all are absolute.</summary>
    public static (string Key, string Path)? FindRelativePath(VmDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        foreach ((string key, string? path) in All(definition.Spec))
        {
            if (path is not null && !Path.IsPathFullyQualified(path))
            {
                return (key, path);
            }
        }

        return null;
    }

    /// <summary>Every path in a specification, null or not, with its key.</summary>
    internal static IEnumerable<(string Key, string? Path)> All(VmSpec spec)
    {
        yield return ("spec.boot.kernel", spec.Boot.Kernel);
        yield return ("spec.boot.initrd", spec.Boot.Initrd);
        for (int i = 0; i < spec.Disks.Count; i++)
        {
            yield return ($"spec.disks[{i}].path", spec.Disks[i].Path);
        }

        for (int i = 0; i < spec.Ports.Count; i++)
        {
            yield return ($"spec.ports[{i}].socket", spec.Ports[i].Socket);
            yield return ($"spec.ports[{i}].file", spec.Ports[i].File);
            yield return ($"spec.ports[{i}].pipe", spec.Ports[i].Pipe);
        }

        for (int i = 0; i < spec.Shares.Count; i++)
        {
            yield return ($"spec.shares[{i}].path", spec.Shares[i].Path);
        }

        for (int i = 0; i < spec.PersistentMemory.Count; i++)
        {
            yield return ($"spec.persistentMemory[{i}].path", spec.PersistentMemory[i].Path);
        }

        yield return ("spec.entropy.source", spec.Entropy?.Source);
        yield return ("spec.vsock.socket", spec.Vsock?.Socket);
    }
}
