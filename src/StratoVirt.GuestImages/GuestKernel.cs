namespace StratoVirt.GuestImages;

/// <summary>Where a guest image takes its kernel and modules from.</summary>
public abstract record GuestKernel
{
    private GuestKernel()
    {
    }

    /// <summary>The newest kernel apt offers in a flavor of Debian's.</summary>
    /// <param name="flavor">Which build.</param>
    public static GuestKernel FromDebian(DebianKernelFlavor flavor) => new DebianPackage(DebianKernelPackage.NameOf(flavor));

    /// <summary>
    /// A Debian package: a meta package such as <c>linux-image-amd64</c>, or an exact one such as
    /// <c>linux-image-6.1.0-56-amd64</c>.
    /// </summary>
    /// <param name="Package">The package's name.</param>
    public sealed record DebianPackage(string Package) : GuestKernel
    {
        /// <summary>The package's name.</summary>
        public override string ToString() => Package;
    }

    /// <summary>A kernel the caller has.</summary>
    /// <param name="Kernel">Path of the kernel image, used as it is.</param>
    /// <param name="ModuleDirectory">
    /// Its module directory, as <c>/lib/modules/6.1.0-56-amd64</c>; null for a kernel that needs no modules.
    /// </param>
    public sealed record Files(string Kernel, string? ModuleDirectory) : GuestKernel
    {
        /// <summary>The kernel's path.</summary>
        public override string ToString() => Kernel;
    }
}
