using StratoVirt.Machine.Boot.X64;
using StratoVirt.Memory;

namespace StratoVirt.Machine.Boot;

/// <summary>
/// Everything a boot needs, opened and checked: what stays the same over all resets of one machine. Owns the kernel
/// and the initrd; the memory it is loaded into is the machine's.
/// </summary>
internal sealed class BootPlan : IDisposable
{
    /// <summary>The kernel.</summary>
    public required KernelImage Kernel { get; init; }

    /// <summary>The initial ramdisk, or null.</summary>
    public BootFile? Initrd { get; init; }

    /// <summary>The user's command line; null takes <see cref="X64.CommandLine.Default"/>.</summary>
    public string? CommandLine { get; init; }

    /// <summary>Number of vCPUs, 1 to 254. Local APIC ids are their indices.</summary>
    public required int Cpus { get; init; }

    /// <summary>Describe the machine in ACPI tables; else in an MP table and the command line.</summary>
    public bool Acpi { get; init; } = true;

    /// <summary>The virtio-mmio transports to describe.</summary>
    public IReadOnlyList<MmioSlot> MmioSlots { get; init; } = [];

    /// <summary>Where the guest may place PCI devices above RAM.</summary>
    public GuestRange PciHighWindow { get; init; } = Layout.PciHighWindow(0);

    /// <summary>Opens an initial ramdisk.</summary>
    /// <exception cref="MachineException">It cannot be opened, or is empty.</exception>
    public static BootFile OpenInitrd(string path)
    {
        BootFile file = BootFile.Open(path, MachineErrorId.InitrdMissing, "initrd");
        if (file.Length > 0)
        {
            return file;
        }

        file.Dispose();
        throw new MachineException(
            MachineErrorId.InitrdMissing, $"The initrd '{path}' is empty.", "Build the initrd again, or name none.");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Kernel.Dispose();
        Initrd?.Dispose();
    }
}
