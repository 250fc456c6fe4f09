using System.Runtime.InteropServices;

namespace StratoVirt.Kvm.Abi;

/// <summary>The page a vCPU and its owner share. The registers that may follow (kvm_sync_regs) are not used.</summary>
[StructLayout(LayoutKind.Explicit, Size = 2352)]
internal struct kvm_run
{
    [FieldOffset(0)] internal byte request_interrupt_window;
    [FieldOffset(1)] internal byte immediate_exit;
    [FieldOffset(8)] internal uint exit_reason;
    [FieldOffset(12)] internal byte ready_for_interrupt_injection;
    [FieldOffset(13)] internal byte if_flag;
    [FieldOffset(14)] internal ushort flags;
    [FieldOffset(16)] internal ulong cr8;
    [FieldOffset(24)] internal ulong apic_base;

    [FieldOffset(32), KernelName("hw")] internal hw Hw;
    [FieldOffset(32), KernelName("fail_entry")] internal fail_entry FailEntry;
    [FieldOffset(32), KernelName("ex")] internal ex Ex;
    [FieldOffset(32), KernelName("io")] internal io Io;
    [FieldOffset(32), KernelName("debug")] internal debug Debug;
    [FieldOffset(32), KernelName("mmio")] internal mmio Mmio;
    [FieldOffset(32), KernelName("hypercall")] internal hypercall Hypercall;
    [FieldOffset(32), KernelName("internal")] internal @internal Internal;
    [FieldOffset(32), KernelName("emulation_failure")] internal emulation_failure EmulationFailure;
    [FieldOffset(32), KernelName("system_event")] internal system_event SystemEvent;
    [FieldOffset(32), KernelName("eoi")] internal eoi Eoi;
    [FieldOffset(32), KernelName("msr")] internal msr Msr;

    internal struct hw
    {
        internal ulong hardware_exit_reason;
    }

    internal struct fail_entry
    {
        internal ulong hardware_entry_failure_reason;
        internal uint cpu;
    }

    internal struct ex
    {
        internal uint exception;
        internal uint error_code;
    }

    internal struct io
    {
        internal byte direction;
        internal byte size;
        internal ushort port;
        internal uint count;
        internal ulong data_offset;
    }

    // The architecture's own (kvm_debug_exit_arch); this is x86's.
    internal struct debug
    {
        [KernelName("arch.exception")] internal uint exception;
        [KernelName("arch.pc")] internal ulong pc;
        [KernelName("arch.dr6")] internal ulong dr6;
        [KernelName("arch.dr7")] internal ulong dr7;
    }

    internal struct mmio
    {
        internal ulong phys_addr;
        internal bytes8 data;
        internal uint len;
        internal byte is_write;
    }

    internal struct hypercall
    {
        internal ulong nr;
        internal words6 args;
        internal ulong ret;
        internal uint longmode;
        internal uint pad;
    }

    internal struct @internal
    {
        internal uint suberror;
        internal uint ndata;
        internal words16 data;
    }

    internal struct emulation_failure
    {
        internal uint suberror;
        internal uint ndata;
        internal ulong flags;
        internal byte insn_size;
        internal bytes15 insn_bytes;
    }

    internal struct system_event
    {
        internal uint type;
        internal uint ndata;
        internal words16 data;
    }

    internal struct eoi
    {
        internal byte vector;
    }

    [StructLayout(LayoutKind.Explicit)]
    internal struct msr
    {
        [FieldOffset(0)] internal byte error;
        [FieldOffset(8)] internal uint reason;
        [FieldOffset(12)] internal uint index;
        [FieldOffset(16)] internal ulong data;
    }
}
