namespace StratoVirt.Machine.Boot.Images;

/// <summary>Words for what can be wrong with a kernel file, one sentence what and one what to do.</summary>
internal static class KernelFault
{
    /// <summary>The file contradicts itself or ends too early.</summary>
    public static MachineException Corrupt(string name, string what, Exception? cause = null) => new(
        MachineErrorId.KernelCorrupt,
        $"The kernel '{name}' is damaged: {what}.",
        "Copy or install the kernel again.",
        cause);

    /// <summary>The file is no kernel.</summary>
    public static MachineException Unrecognised(string name, string what) => new(
        MachineErrorId.KernelUnrecognised,
        $"'{name}' is no kernel this machine boots: {what}.",
        "Name a bzImage (vmlinuz), a 64-bit ELF vmlinux, or a raw binary whose name ends in .bin.");

    /// <summary>The kernel is for another processor.</summary>
    public static MachineException Architecture(string name, string what) => new(
        MachineErrorId.KernelArchitecture,
        $"The kernel '{name}' is for another processor: {what}, this machine is x86_64.",
        "Name a kernel built for x86_64.");

    /// <summary>The guest's memory is too small for it.</summary>
    /// <param name="name">The kernel.</param>
    /// <param name="end">First address behind what it needs.</param>
    /// <param name="available">Bytes of RAM below the 32-bit hole.</param>
    public static MachineException TooBig(string name, ulong end, ulong available) => new(
        MachineErrorId.KernelTooBig,
        $"The kernel '{name}' needs memory up to {ToMebibytes(end)} MiB, the guest has {available >> 20} MiB below 4 GiB.",
        $"Give the machine at least {ToMebibytes(end) + 16} MiB of memory.");

    /// <summary>The host could not read it.</summary>
    public static MachineException Unreadable(string name, IOException cause) => new(
        MachineErrorId.KernelMissing,
        $"The kernel '{name}' cannot be read.",
        "Check the file system it lies on.",
        cause);

    private static ulong ToMebibytes(ulong bytes) => (bytes + 0xF_FFFF) >> 20;
}
