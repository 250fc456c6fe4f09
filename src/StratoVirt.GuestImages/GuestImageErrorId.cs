namespace StratoVirt.GuestImages;

/// <summary>Stable identifiers of what can go wrong while a guest image is made.</summary>
public enum GuestImageErrorId
{
    /// <summary>The request contradicts itself or names something that cannot be.</summary>
    InvalidRequest,

    /// <summary>This host has no apt-get, apt-cache or dpkg-deb.</summary>
    AptMissing,

    /// <summary>Apt knows no such package, or a name leads to no kernel package.</summary>
    PackageNotFound,

    /// <summary>Apt could not fetch the package.</summary>
    DownloadFailed,

    /// <summary>The file fetched is not the one the signed index describes.</summary>
    ChecksumMismatch,

    /// <summary>A package holds no kernel, or cannot be unpacked.</summary>
    PackageDamaged,

    /// <summary>A kernel, module directory or busybox named by the caller is missing or unusable.</summary>
    FileUnusable,

    /// <summary>A module asked for, or one it depends on, is neither a file nor built into the kernel.</summary>
    ModuleNotFound,

    /// <summary>A module's bytes are not a well-formed 64-bit ELF object with a <c>.modinfo</c> section.</summary>
    ModuleDamaged,

    /// <summary>Modules depend on each other in a circle.</summary>
    ModuleCycle,

    /// <summary>No statically linked busybox can be had.</summary>
    BusyBoxMissing,

    /// <summary>The cache directory cannot be written.</summary>
    CacheUnwritable,
}
