namespace StratoVirt.PowerShell;

/// <summary>A kernel and the initramfs that belongs to it. <c>New-StratoVm</c> takes it from the pipeline.</summary>
/// <param name="Kernel">Path of the kernel.</param>
/// <param name="Initrd">Path of the initramfs.</param>
/// <param name="KernelRelease">As <c>uname -r</c> prints it in the guest; empty if unknown.</param>
/// <param name="Modules">Names of the modules inside, in the order they are loaded.</param>
/// <param name="Source">Where it came from: package and version, or the kernel's path.</param>
public sealed record StratoGuestImage(
    string Kernel, string Initrd, string KernelRelease, IReadOnlyList<string> Modules, string Source);
