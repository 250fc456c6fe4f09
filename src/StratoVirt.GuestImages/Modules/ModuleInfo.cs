namespace StratoVirt.GuestImages.Modules;

/// <summary>What a module says about itself.</summary>
/// <param name="Name">Its name in the kernel's spelling.</param>
/// <param name="Depends">The modules it needs, in the kernel's spelling.</param>
/// <param name="KernelRelease">The release it was built for, from its <c>vermagic</c>; empty if it names none.</param>
internal sealed record ModuleInfo(string Name, IReadOnlyList<string> Depends, string KernelRelease);
