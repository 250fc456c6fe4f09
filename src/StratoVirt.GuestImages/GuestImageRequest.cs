namespace StratoVirt.GuestImages;

/// <summary>What a guest image shall hold.</summary>
public sealed record GuestImageRequest
{
    /// <summary>Where kernel and modules come from.</summary>
    public required GuestKernel Kernel { get; init; }

    /// <summary>
    /// Modules that /init loads, by name, in this order as far as their dependencies allow. Names that are built into
    /// the kernel are fine. Default: <see cref="GuestModules.Essential"/>.
    /// </summary>
    public IReadOnlyList<string> Modules { get; init; } = GuestModules.Essential;

    /// <summary>
    /// Modules that /init loads after those, for devices few machines have, such as
    /// <see cref="GuestModules.PersistentMemory"/>. One that the kernel does not have is an error.
    /// </summary>
    public IReadOnlyList<string> AdditionalModules { get; init; } = [];

    /// <summary>
    /// Whether a module of <see cref="Modules"/> that the kernel does not have is left out instead of being an error.
    /// A dependency that is missing is always an error.
    /// </summary>
    public bool SkipMissingModules { get; init; } = true;

    /// <summary>
    /// A statically linked busybox; null takes the host's /bin/busybox if static, else Debian's busybox-static package.
    /// </summary>
    public string? BusyBox { get; init; }

    /// <summary>
    /// Whether init writes <see cref="InitScript.InitReached"/> to the port <see cref="InitScript.BootMarkPort"/> before
    /// anything else. x86_64 only; elsewhere it has no effect.
    /// </summary>
    public bool BootMark { get; init; } = true;

    /// <summary>The guest's host name, seen in its prompt: letters, digits and hyphens, 1 to 63 characters.</summary>
    public string HostName { get; init; } = "guest";

    /// <summary>Where downloads and images are kept. Default: <see cref="GuestImageCache.DefaultDirectory"/>.</summary>
    public string? CacheDirectory { get; init; }
}
