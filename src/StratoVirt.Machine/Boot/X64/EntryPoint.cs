namespace StratoVirt.Machine.Boot.X64;

/// <summary>The processor mode a kernel is entered in.</summary>
internal enum EntryMode
{
    /// <summary>Protected mode, paging off: the PVH protocol.</summary>
    Protected32,

    /// <summary>Long mode over an identity map: Linux's 64-bit boot protocol, and raw binaries.</summary>
    Long64,
}

/// <summary>
/// The state of the boot vCPU at the kernel's first instruction. Every register not named here is zero, interrupts
/// are off, the IDT is empty (base and limit 0), and the other vCPUs wait for INIT/SIPI.
/// </summary>
internal sealed record EntryPoint
{
    /// <summary>Mode, of which the control registers below are the detail.</summary>
    public required EntryMode Mode { get; init; }

    /// <summary>First instruction, a guest physical address.</summary>
    public required ulong Rip { get; init; }

    /// <summary>Top of a small stack; kernels set their own at once, raw guests may use it.</summary>
    public ulong Rsp { get; init; }

    /// <summary>64-bit protocol: address of <c>boot_params</c>.</summary>
    public ulong Rsi { get; init; }

    /// <summary>PVH: address of <c>hvm_start_info</c>.</summary>
    public ulong Rbx { get; init; }

    /// <summary>Flags; only the bit that is always one.</summary>
    public ulong Rflags { get; init; } = 2;

    /// <summary>CR0.</summary>
    public required ulong Cr0 { get; init; }

    /// <summary>CR3: the identity map, or 0 with paging off.</summary>
    public ulong Cr3 { get; init; }

    /// <summary>CR4.</summary>
    public ulong Cr4 { get; init; }

    /// <summary>IA32_EFER.</summary>
    public ulong Efer { get; init; }

    /// <summary>Address of the GDT in guest memory.</summary>
    public required ulong GdtBase { get; init; }

    /// <summary>Its last valid offset.</summary>
    public required ushort GdtLimit { get; init; }

    /// <summary>CS.</summary>
    public required Segment Code { get; init; }

    /// <summary>DS, ES, FS, GS and SS.</summary>
    public required Segment Data { get; init; }

    /// <summary>TR. VM entry demands a busy TSS.</summary>
    public required Segment TaskState { get; init; }
}
