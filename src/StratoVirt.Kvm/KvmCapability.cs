using StratoVirt.Kvm.Abi;

namespace StratoVirt.Kvm;

/// <summary>Extensions KVM can be asked for. The answer is 0 where there is none, else 1 or a number.</summary>
public enum KvmCapability
{
    /// <summary>KVM_CAP_IRQCHIP: in-kernel interrupt controllers.</summary>
    IrqChip = KvmCap.KVM_CAP_IRQCHIP,
    /// <summary>KVM_CAP_USER_MEMORY: guest memory is this process's memory.</summary>
    UserMemory = KvmCap.KVM_CAP_USER_MEMORY,
    /// <summary>KVM_CAP_SET_TSS_ADDR: <see cref="KvmVm.SetTssAddress"/>.</summary>
    SetTssAddress = KvmCap.KVM_CAP_SET_TSS_ADDR,
    /// <summary>KVM_CAP_EXT_CPUID: <see cref="KvmSystem.GetSupportedCpuid"/>.</summary>
    ExtendedCpuid = KvmCap.KVM_CAP_EXT_CPUID,
    /// <summary>KVM_CAP_NR_VCPUS: returns the recommended most vCPUs of a VM.</summary>
    RecommendedVcpus = KvmCap.KVM_CAP_NR_VCPUS,
    /// <summary>KVM_CAP_NR_MEMSLOTS: returns the most memory slots of a VM.</summary>
    MemorySlots = KvmCap.KVM_CAP_NR_MEMSLOTS,
    /// <summary>KVM_CAP_MP_STATE: <see cref="KvmVcpu.MpState"/>.</summary>
    MpState = KvmCap.KVM_CAP_MP_STATE,
    /// <summary>KVM_CAP_IRQ_ROUTING: returns the most GSI routes.</summary>
    IrqRouting = KvmCap.KVM_CAP_IRQ_ROUTING,
    /// <summary>KVM_CAP_IRQFD: interrupts from eventfds.</summary>
    IrqFd = KvmCap.KVM_CAP_IRQFD,
    /// <summary>KVM_CAP_PIT2: the in-kernel i8254.</summary>
    Pit2 = KvmCap.KVM_CAP_PIT2,
    /// <summary>KVM_CAP_PIT_STATE2: reading and setting it.</summary>
    PitState2 = KvmCap.KVM_CAP_PIT_STATE2,
    /// <summary>KVM_CAP_IOEVENTFD: guest writes to eventfds.</summary>
    IoEventFd = KvmCap.KVM_CAP_IOEVENTFD,
    /// <summary>KVM_CAP_SET_IDENTITY_MAP_ADDR: <see cref="KvmVm.SetIdentityMapAddress"/>.</summary>
    SetIdentityMapAddress = KvmCap.KVM_CAP_SET_IDENTITY_MAP_ADDR,
    /// <summary>KVM_CAP_ADJUST_CLOCK: the VM's clock; returns the flags it knows.</summary>
    AdjustClock = KvmCap.KVM_CAP_ADJUST_CLOCK,
    /// <summary>KVM_CAP_INTERNAL_ERROR_DATA: data with internal errors.</summary>
    InternalErrorData = KvmCap.KVM_CAP_INTERNAL_ERROR_DATA,
    /// <summary>KVM_CAP_VCPU_EVENTS: <see cref="KvmVcpu.GetEvents"/>.</summary>
    VcpuEvents = KvmCap.KVM_CAP_VCPU_EVENTS,
    /// <summary>KVM_CAP_DEBUGREGS: <see cref="KvmVcpu.GetDebugRegisters"/>.</summary>
    DebugRegisters = KvmCap.KVM_CAP_DEBUGREGS,
    /// <summary>KVM_CAP_ENABLE_CAP: capabilities switched on for a vCPU.</summary>
    EnableCapability = KvmCap.KVM_CAP_ENABLE_CAP,
    /// <summary>KVM_CAP_XSAVE: the extended state.</summary>
    Xsave = KvmCap.KVM_CAP_XSAVE,
    /// <summary>KVM_CAP_XCRS: XCR0.</summary>
    ExtendedControlRegisters = KvmCap.KVM_CAP_XCRS,
    /// <summary>KVM_CAP_TSC_CONTROL: a TSC frequency other than the host's.</summary>
    TscControl = KvmCap.KVM_CAP_TSC_CONTROL,
    /// <summary>KVM_CAP_GET_TSC_KHZ: <see cref="KvmVcpu.GetTscKhz"/>.</summary>
    GetTscKhz = KvmCap.KVM_CAP_GET_TSC_KHZ,
    /// <summary>KVM_CAP_MAX_VCPUS: returns the most vCPUs of a VM.</summary>
    MaxVcpus = KvmCap.KVM_CAP_MAX_VCPUS,
    /// <summary>KVM_CAP_TSC_DEADLINE_TIMER: TSC-deadline mode of the in-kernel local APIC.</summary>
    TscDeadlineTimer = KvmCap.KVM_CAP_TSC_DEADLINE_TIMER,
    /// <summary>KVM_CAP_KVMCLOCK_CTRL: <see cref="KvmVcpu.TryMarkPaused"/>.</summary>
    KvmClockControl = KvmCap.KVM_CAP_KVMCLOCK_CTRL,
    /// <summary>KVM_CAP_SIGNAL_MSI: <see cref="KvmVm.SignalMsi"/>.</summary>
    SignalMsi = KvmCap.KVM_CAP_SIGNAL_MSI,
    /// <summary>KVM_CAP_READONLY_MEM: memory slots the guest cannot write.</summary>
    ReadOnlyMemory = KvmCap.KVM_CAP_READONLY_MEM,
    /// <summary>KVM_CAP_IRQFD_RESAMPLE: level interrupts from eventfds.</summary>
    IrqFdResample = KvmCap.KVM_CAP_IRQFD_RESAMPLE,
    /// <summary>KVM_CAP_ENABLE_CAP_VM: <see cref="KvmVm.EnableCapability"/>.</summary>
    EnableCapabilityVm = KvmCap.KVM_CAP_ENABLE_CAP_VM,
    /// <summary>KVM_CAP_IOEVENTFD_NO_LENGTH: MMIO ioeventfds that match any length, without decoding the instruction.</summary>
    IoEventFdNoLength = KvmCap.KVM_CAP_IOEVENTFD_NO_LENGTH,
    /// <summary>KVM_CAP_CHECK_EXTENSION_VM: <see cref="KvmVm.CheckExtension"/>.</summary>
    CheckExtensionVm = KvmCap.KVM_CAP_CHECK_EXTENSION_VM,
    /// <summary>KVM_CAP_DISABLE_QUIRKS: switching off compatibility with old KVM.</summary>
    DisableQuirks = KvmCap.KVM_CAP_DISABLE_QUIRKS,
    /// <summary>KVM_CAP_SPLIT_IRQCHIP: local APICs in the kernel, I/O APIC outside.</summary>
    SplitIrqChip = KvmCap.KVM_CAP_SPLIT_IRQCHIP,
    /// <summary>KVM_CAP_IOEVENTFD_ANY_LENGTH: ioeventfds that match any length.</summary>
    IoEventFdAnyLength = KvmCap.KVM_CAP_IOEVENTFD_ANY_LENGTH,
    /// <summary>KVM_CAP_MAX_VCPU_ID: returns the highest vCPU id plus one.</summary>
    MaxVcpuId = KvmCap.KVM_CAP_MAX_VCPU_ID,
    /// <summary>KVM_CAP_X2APIC_API: 32-bit APIC ids in interrupts.</summary>
    X2ApicApi = KvmCap.KVM_CAP_X2APIC_API,
    /// <summary>KVM_CAP_IMMEDIATE_EXIT: <see cref="KvmVcpu.ImmediateExit"/>.</summary>
    ImmediateExit = KvmCap.KVM_CAP_IMMEDIATE_EXIT,
    /// <summary>KVM_CAP_X86_DISABLE_EXITS: HLT, MWAIT and PAUSE without exits; returns which.</summary>
    DisableExits = KvmCap.KVM_CAP_X86_DISABLE_EXITS,
    /// <summary>KVM_CAP_GET_MSR_FEATURES: <see cref="KvmSystem.GetFeatureMsrIndexes"/>.</summary>
    GetMsrFeatures = KvmCap.KVM_CAP_GET_MSR_FEATURES,
    /// <summary>KVM_CAP_EXCEPTION_PAYLOAD: payloads in vCPU events.</summary>
    ExceptionPayload = KvmCap.KVM_CAP_EXCEPTION_PAYLOAD,
    /// <summary>KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2: clearing the dirty log apart from reading it.</summary>
    ManualDirtyLogProtect2 = KvmCap.KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2,
    /// <summary>KVM_CAP_X86_USER_SPACE_MSR: MSR exits.</summary>
    UserSpaceMsr = KvmCap.KVM_CAP_X86_USER_SPACE_MSR,
    /// <summary>KVM_CAP_X86_MSR_FILTER: MSR filters.</summary>
    MsrFilter = KvmCap.KVM_CAP_X86_MSR_FILTER,
    /// <summary>KVM_CAP_DIRTY_LOG_RING: returns the most bytes of a dirty ring.</summary>
    DirtyLogRing = KvmCap.KVM_CAP_DIRTY_LOG_RING,
    /// <summary>KVM_CAP_EXIT_ON_EMULATION_FAILURE: exits for instructions KVM cannot emulate.</summary>
    ExitOnEmulationFailure = KvmCap.KVM_CAP_EXIT_ON_EMULATION_FAILURE,
    /// <summary>KVM_CAP_VM_GPA_BITS: returns the bits of a guest physical address.</summary>
    GuestAddressBits = KvmCap.KVM_CAP_VM_GPA_BITS,
    /// <summary>KVM_CAP_XSAVE2: returns the bytes of a vCPU's extended state.</summary>
    Xsave2 = KvmCap.KVM_CAP_XSAVE2,
    /// <summary>KVM_CAP_VM_TSC_CONTROL: a TSC frequency for the whole VM.</summary>
    VmTscControl = KvmCap.KVM_CAP_VM_TSC_CONTROL,
    /// <summary>KVM_CAP_SYSTEM_EVENT_DATA: data with system events.</summary>
    SystemEventData = KvmCap.KVM_CAP_SYSTEM_EVENT_DATA,
    /// <summary>KVM_CAP_X86_TRIPLE_FAULT_EVENT: a triple fault in vCPU events.</summary>
    TripleFaultEvent = KvmCap.KVM_CAP_X86_TRIPLE_FAULT_EVENT,
}
