using StratoVirt.Kvm.Abi;
using StratoVirt.Kvm.Abi.X64;

namespace StratoVirt.Kvm;

/// <summary>The ioctl requests of this layer, for those who filter what a thread may ask of the kernel.</summary>
public static class KvmRequests
{
    /// <summary>What a thread needs that runs a vCPU: to run it, and to read its state when it cannot go on.</summary>
    public static IReadOnlyList<uint> OfVcpuThread { get; } =
        [KvmIoctl.KVM_RUN, KvmIoctlX64.KVM_GET_REGS, KvmIoctlX64.KVM_GET_SREGS, KvmIoctlX64.KVM_TRANSLATE];

    /// <summary>What changes of a VM while it runs, by its guest's wish: routes, interrupts and doorbells.</summary>
    public static IReadOnlyList<uint> OfWiring { get; } =
        [KvmIoctl.KVM_SET_GSI_ROUTING, KvmIoctl.KVM_IRQFD, KvmIoctl.KVM_IOEVENTFD, KvmIoctl.KVM_SIGNAL_MSI];

    /// <summary>What changes of a VM's memory while it runs.</summary>
    public static IReadOnlyList<uint> OfMemory { get; } = [KvmIoctl.KVM_SET_USER_MEMORY_REGION, KvmIoctl.KVM_GET_DIRTY_LOG];

    /// <summary>What making a VM and its vCPUs takes, beside all of the above.</summary>
    public static IReadOnlyList<uint> OfBuilding { get; } =
    [
        KvmIoctl.KVM_CREATE_VM, KvmIoctl.KVM_CHECK_EXTENSION, KvmIoctl.KVM_GET_VCPU_MMAP_SIZE, KvmIoctl.KVM_CREATE_VCPU,
        KvmIoctl.KVM_CREATE_IRQCHIP, KvmIoctl.KVM_ENABLE_CAP, KvmIoctl.KVM_SET_SIGNAL_MASK, KvmIoctl.KVM_SET_MP_STATE,
        KvmIoctl.KVM_SET_VCPU_EVENTS, KvmIoctlX64.KVM_GET_SUPPORTED_CPUID, KvmIoctlX64.KVM_SET_TSS_ADDR,
        KvmIoctlX64.KVM_SET_IDENTITY_MAP_ADDR, KvmIoctlX64.KVM_CREATE_PIT2, KvmIoctlX64.KVM_SET_REGS,
        KvmIoctlX64.KVM_SET_SREGS, KvmIoctlX64.KVM_SET_MSRS, KvmIoctlX64.KVM_SET_FPU, KvmIoctlX64.KVM_SET_LAPIC,
        KvmIoctlX64.KVM_GET_LAPIC, KvmIoctlX64.KVM_SET_CPUID2, KvmIoctlX64.KVM_GET_TSC_KHZ, KvmIoctlX64.KVM_KVMCLOCK_CTRL,
    ];
}
