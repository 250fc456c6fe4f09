namespace StratoVirt.PowerShell;

/// <summary>Debian's kernel builds.</summary>
public enum StratoKernelFlavor
{
    /// <summary>The full kernel, <c>linux-image-amd64</c>.</summary>
    Generic,

    /// <summary>The kernel for clouds, with fewer drivers and faster to boot, <c>linux-image-cloud-amd64</c>.</summary>
    Cloud,
}
