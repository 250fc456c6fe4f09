using System.Runtime.InteropServices;
using StratoVirt.Kvm.Abi;

namespace StratoVirt.Kvm.X64;

/// <summary>Exceptions, interrupts and the like that are under way in a vCPU, laid out as the kernel's
/// <c>kvm_vcpu_events</c>. Saved and restored whole; <see cref="Flags"/> says which parts are valid.</summary>
[StructLayout(LayoutKind.Explicit, Size = 64), KernelName("kvm_vcpu_events")]
public record struct VcpuEvents
{
    /// <summary>1 when an exception is being delivered.</summary>
    [FieldOffset(0), KernelName("exception.injected")] public byte ExceptionInjected;
    /// <summary>Its vector.</summary>
    [FieldOffset(1), KernelName("exception.nr")] public byte ExceptionVector;
    /// <summary>1 when it has an error code.</summary>
    [FieldOffset(2), KernelName("exception.has_error_code")] public byte ExceptionHasErrorCode;
    /// <summary>1 when it is raised and not yet delivered.</summary>
    [FieldOffset(3), KernelName("exception.pending")] public byte ExceptionPending;
    /// <summary>Its error code.</summary>
    [FieldOffset(4), KernelName("exception.error_code")] public uint ExceptionErrorCode;
    /// <summary>1 when an interrupt is being delivered.</summary>
    [FieldOffset(8), KernelName("interrupt.injected")] public byte InterruptInjected;
    /// <summary>Its vector.</summary>
    [FieldOffset(9), KernelName("interrupt.nr")] public byte InterruptVector;
    /// <summary>1 when it comes from INT n.</summary>
    [FieldOffset(10), KernelName("interrupt.soft")] public byte InterruptSoft;
    /// <summary>Interrupts held off by STI or MOV SS (KVM_X86_SHADOW_INT_*).</summary>
    [FieldOffset(11), KernelName("interrupt.shadow")] public byte InterruptShadow;
    /// <summary>1 when an NMI is being delivered.</summary>
    [FieldOffset(12), KernelName("nmi.injected")] public byte NmiInjected;
    /// <summary>NMIs waiting.</summary>
    [FieldOffset(13), KernelName("nmi.pending")] public byte NmiPending;
    /// <summary>1 until IRET ends the NMI's handler.</summary>
    [FieldOffset(14), KernelName("nmi.masked")] public byte NmiMasked;
    /// <summary>Vector of the start-up IPI.</summary>
    [FieldOffset(16)] public uint SipiVector;
    /// <summary>KVM_VCPUEVENT_VALID_*.</summary>
    [FieldOffset(20)] public uint Flags;
    /// <summary>1 in system management mode.</summary>
    [FieldOffset(24), KernelName("smi.smm")] public byte Smm;
    /// <summary>1 when an SMI waits.</summary>
    [FieldOffset(25), KernelName("smi.pending")] public byte SmiPending;
    /// <summary>1 when the SMI came inside an NMI.</summary>
    [FieldOffset(26), KernelName("smi.smm_inside_nmi")] public byte SmmInsideNmi;
    /// <summary>1 when an INIT waits for the end of system management mode.</summary>
    [FieldOffset(27), KernelName("smi.latched_init")] public byte LatchedInit;
    /// <summary>1 when a triple fault is raised.</summary>
    [FieldOffset(28), KernelName("triple_fault.pending")] public byte TripleFaultPending;
    /// <summary>1 when <see cref="ExceptionPayload"/> is valid.</summary>
    [FieldOffset(55)] public byte ExceptionHasPayload;
    /// <summary>CR2 or DR6 that the exception will set.</summary>
    [FieldOffset(56)] public ulong ExceptionPayload;
}
