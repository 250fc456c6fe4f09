namespace StratoVirt.PowerShell;

/// <summary>The form in which a guest image keeps its kernel.</summary>
public enum StratoKernelFormat
{
    /// <summary>As the distribution ships it: compressed, and unpacked at each start or taken from the cache.</summary>
    BzImage,

    /// <summary>Unpacked, an ELF <c>vmlinux</c>: larger, and starts without unpacking.</summary>
    Elf,
}
