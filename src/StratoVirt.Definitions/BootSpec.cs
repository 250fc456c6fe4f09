namespace StratoVirt.Definitions;

/// <summary>What a machine boots: a kernel file, or the small guest that the module carries.</summary>
public sealed record BootSpec
{
    /// <summary>Path of the kernel: bzImage, ELF vmlinux or raw binary. Exactly one of this and <see cref="BuiltIn"/>.</summary>
    public string? Kernel { get; init; }

    /// <summary>Path of the initial ramdisk, or null.</summary>
    public string? Initrd { get; init; }

    /// <summary>Kernel command line; null takes the machine's default (<c>console=ttyS0 reboot=k</c>).</summary>
    public string? CommandLine { get; init; }

    /// <summary>Boot the built-in guest.</summary>
    public bool BuiltIn { get; init; }
}
