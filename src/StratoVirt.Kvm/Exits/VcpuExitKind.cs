namespace StratoVirt.Kvm;

/// <summary>Why <see cref="KvmVcpu.Run"/> returned.</summary>
public enum VcpuExitKind
{
    /// <summary>A reason this layer has no name for: see <see cref="VcpuExit.Reason"/>.</summary>
    Unknown,
    /// <summary>A port access: <see cref="VcpuExit.Pio"/>.</summary>
    Pio,
    /// <summary>An access to a guest physical address that is no memory: <see cref="VcpuExit.Mmio"/>.</summary>
    Mmio,
    /// <summary>HLT, where the kernel holds no local APIC.</summary>
    Halt,
    /// <summary>A triple fault, on x86_64.</summary>
    Shutdown,
    /// <summary>The guest asked for a power-off or reset, or crashed: <see cref="VcpuExit.SystemEvent"/>.</summary>
    SystemEvent,
    /// <summary>The processor refused the guest's state: <see cref="VcpuExit.FailEntry"/>.</summary>
    FailEntry,
    /// <summary>KVM cannot go on: <see cref="VcpuExit.InternalError"/>.</summary>
    InternalError,
    /// <summary>A kick, or any other signal. Look for wishes, then run again.</summary>
    Interrupted,
    /// <summary>EAGAIN: the vCPU is not ready (waits for its start-up IPI). Run again.</summary>
    Again,
    /// <summary>KVM_RUN itself failed: <see cref="VcpuExit.Errno"/>.</summary>
    Error,
    /// <summary>The guest can take an interrupt now.</summary>
    IrqWindowOpen,
    /// <summary>End of a level interrupt with a split controller: <see cref="VcpuExit.IoApicEoiVector"/>.</summary>
    IoApicEoi,
    /// <summary>A hypercall for user space: <see cref="VcpuExit.Hypercall"/>.</summary>
    Hypercall,
    /// <summary>A breakpoint or step: <see cref="VcpuExit.Debug"/>.</summary>
    Debug,
    /// <summary>A read of an MSR for user space: <see cref="VcpuExit.Msr"/>.</summary>
    MsrRead,
    /// <summary>A write of an MSR for user space: <see cref="VcpuExit.Msr"/>.</summary>
    MsrWrite,
    /// <summary>An exception that KVM hands out (KVM_EXIT_EXCEPTION).</summary>
    Exception,
}
