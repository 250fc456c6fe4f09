namespace StratoVirt.GuestImages;

/// <summary>Debian's kernel builds, as its <c>linux-image-*</c> meta packages name them.</summary>
public enum DebianKernelFlavor
{
    /// <summary>The full kernel: <c>linux-image-amd64</c>, <c>linux-image-arm64</c>.</summary>
    Generic,

    /// <summary>The kernel for clouds, fewer drivers and faster to boot: <c>linux-image-cloud-amd64</c>.</summary>
    Cloud,
}
