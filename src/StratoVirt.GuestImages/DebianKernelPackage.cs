using System.Runtime.InteropServices;

namespace StratoVirt.GuestImages;

/// <summary>The names of Debian's kernel meta packages.</summary>
public static class DebianKernelPackage
{
    /// <summary>The meta package of a flavor, for the architecture of this process.</summary>
    /// <param name="flavor">Which build.</param>
    /// <exception cref="GuestImageException">Debian builds no such kernel for this architecture.</exception>
    public static string NameOf(DebianKernelFlavor flavor)
    {
        string architecture = RuntimeInformation.ProcessArchitecture switch
        {
            Architecture.X64 => "amd64",
            Architecture.Arm64 => "arm64",
            Architecture other => throw new GuestImageException(
                GuestImageErrorId.InvalidRequest,
                $"Debian's kernel packages for {other} are not known here.",
                "Give the kernel and its modules with -Kernel and -ModulePath."),
        };
        return flavor switch
        {
            DebianKernelFlavor.Generic => $"linux-image-{architecture}",
            DebianKernelFlavor.Cloud => $"linux-image-cloud-{architecture}",
            _ => throw new ArgumentOutOfRangeException(nameof(flavor), flavor, "Not a flavor of Debian's."),
        };
    }
}
