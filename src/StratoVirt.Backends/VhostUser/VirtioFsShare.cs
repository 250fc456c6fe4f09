namespace StratoVirt.Backends.VhostUser;

/// <summary>A directory of the host for a guest, and how it is served.</summary>
public sealed record VirtioFsShare
{
    /// <summary>The directory, absolute.</summary>
    public required string Path { get; init; }

    /// <summary>Whether the guest may only read.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>The virtiofsd program; null: the first of <see cref="VirtioFsDaemon.UsualPrograms"/> there is.</summary>
    public string? Program { get; init; }

    /// <summary>How virtiofsd locks itself into the directory.</summary>
    public VirtioFsSandbox Sandbox { get; init; }
}

/// <summary>How virtiofsd locks itself into the directory it serves.</summary>
public enum VirtioFsSandbox
{
    /// <summary>Mount, process and network namespaces of its own; its default.</summary>
    Namespace,

    /// <summary>A changed root directory; for hosts that are containers.</summary>
    Chroot,
}
