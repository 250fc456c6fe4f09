using StratoVirt.Memory;

namespace StratoVirt.Machine.Boot.X64;

/// <summary>
/// The one home of guest physical addresses of the x86_64 microVM. Addresses and lengths in bytes. What lies below
/// 1 MiB is written by the boot loader before each start and belongs to the guest afterwards, except for the tables
/// between <see cref="AcpiTables"/> and 1 MiB, which the memory map reserves.
/// </summary>
internal static class Layout
{
    /// <summary>Descriptor table of the boot vCPU.</summary>
    public const ulong Gdt = 0x1000;

    /// <summary>PVH start info, its memory map and its module list: one page.</summary>
    public const ulong StartInfo = 0x2000;

    /// <summary>Linux's <c>boot_params</c>, the zero page: one page.</summary>
    public const ulong BootParams = 0x7000;

    /// <summary>Top of the page of stack that the boot vCPU starts with.</summary>
    public const ulong BootStackTop = 0x8FF0;

    /// <summary>Page tables of the identity map: six pages up to 0xEFFF.</summary>
    public const ulong PageTables = 0x9000;

    /// <summary>Kernel command line.</summary>
    public const ulong CommandLine = 0x2_0000;

    /// <summary>Room for the command line, its terminating NUL included.</summary>
    public const ulong CommandLineLength = 0x1_0000;

    /// <summary>End of conventional memory; a PC keeps its extended BIOS data area here.</summary>
    public const ulong ConventionalEnd = 0x9_FC00;

    /// <summary>Where the PC's video memory hole begins.</summary>
    public const ulong VideoHole = 0xA_0000;

    /// <summary>RSDP first, then the tables it leads to. Kernels also find the RSDP by scanning from here.</summary>
    public const ulong AcpiTables = 0xE_0000;

    /// <summary>Room for the ACPI tables.</summary>
    public const ulong AcpiTablesLength = 0x1_0000;

    /// <summary>MP floating pointer and configuration table, in the area that MP 1.4 §4 has kernels scan.</summary>
    public const ulong MpTable = 0xF_0000;

    /// <summary>Room for the MP table.</summary>
    public const ulong MpTableLength = ResetVector - MpTable;

    /// <summary>Where a PC's firmware begins in real mode (FFFF:0000); see <see cref="X64.ResetVector"/>.</summary>
    public const ulong ResetVector = 0xF_FFF0;

    /// <summary>Start of extended memory: no kernel is loaded below it, raw ones exactly here.</summary>
    public const ulong ExtendedMemory = 0x10_0000;

    /// <summary>First address of the hole below 4 GiB that devices occupy: 3 GiB.</summary>
    public const ulong HoleStart = 0xC000_0000;

    /// <summary>First address behind the hole: 4 GiB.</summary>
    public const ulong HoleEnd = 0x1_0000_0000;

    /// <summary>Below 4 GiB, where the guest places PCI devices.</summary>
    public const ulong PciWindow = HoleStart;

    /// <summary>Length of <see cref="PciWindow"/>: 512 MiB.</summary>
    public const ulong PciWindowLength = PciEcam - PciWindow;

    /// <summary>Memory-mapped configuration space of PCI bus 0 (PCI Express 4.0 §7.2.2).</summary>
    public const ulong PciEcam = 0xE000_0000;

    /// <summary>Length of <see cref="PciEcam"/>: 4 KiB for each of 256 functions.</summary>
    public const ulong PciEcamLength = 1 << 20;

    /// <summary>Length of the window above RAM where the guest may place PCI devices with 64-bit registers.</summary>
    public const ulong PciHighWindowLength = 4UL << 30;

    /// <summary>Register windows of virtio-mmio transports, one page each.</summary>
    public const ulong VirtioMmio = 0xFEA0_0000;

    /// <summary>Bytes from one virtio-mmio transport to the next: a page, so that each can be protected on its own.</summary>
    public const ulong VirtioMmioStride = 0x1000;

    /// <summary>Most virtio-mmio transports: a window of 1 MiB.</summary>
    public const int VirtioMmioSlots = 256;

    /// <summary>Registers of the I/O APIC.</summary>
    public const ulong IoApic = 0xFEC0_0000;

    /// <summary>Interrupt inputs of KVM's I/O APIC.</summary>
    public const int IoApicPins = 24;

    /// <summary>Registers of each processor's local APIC.</summary>
    public const ulong LocalApic = 0xFEE0_0000;

    /// <summary>Four pages KVM needs on Intel hosts: one for the real-mode identity map, three for a task state segment.</summary>
    public const ulong KvmReserved = 0xFFFB_C000;

    /// <summary>Length of <see cref="KvmReserved"/>.</summary>
    public const ulong KvmReservedLength = 0x4000;

    /// <summary>Highest address an initrd may reach unless the kernel's header names another (boot.rst, initrd_addr_max).</summary>
    public const ulong InitrdAddressMax = 0x7FFF_FFFF;

    /// <summary>Where the window above RAM lies: from the next whole GiB on.</summary>
    public static GuestRange PciHighWindow(ulong bytesOfRam)
    {
        const ulong GiB = 1 << 30;
        ulong ramEnd = MemoryRanges(bytesOfRam)[^1].End.Value;
        ulong start = Math.Max((ramEnd + GiB - 1) & ~(GiB - 1), HoleEnd);
        return new GuestRange(new GuestAddress(start), PciHighWindowLength);
    }

    /// <summary>Where RAM lies: below the hole first, what does not fit there from 4 GiB on.</summary>
    public static IReadOnlyList<GuestRange> MemoryRanges(ulong bytes) => bytes <= HoleStart
        ? [new GuestRange(new GuestAddress(0), bytes)]
        : [new GuestRange(new GuestAddress(0), HoleStart), new GuestRange(new GuestAddress(HoleEnd), bytes - HoleStart)];
}
