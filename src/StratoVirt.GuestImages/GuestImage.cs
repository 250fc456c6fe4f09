namespace StratoVirt.GuestImages;

/// <summary>A kernel and the initramfs that belongs to it, ready to boot.</summary>
/// <param name="KernelPath">The kernel image.</param>
/// <param name="InitrdPath">The gzip-compressed initramfs.</param>
/// <param name="KernelRelease">As <c>uname -r</c> will print it, for example <c>6.1.0-56-amd64</c>; empty if unknown.</param>
/// <param name="Modules">The modules inside, in the order /init loads them.</param>
/// <param name="Source">Where it came from: package and version, or the kernel's path.</param>
public sealed record GuestImage(
    string KernelPath,
    string InitrdPath,
    string KernelRelease,
    IReadOnlyList<string> Modules,
    string Source);
