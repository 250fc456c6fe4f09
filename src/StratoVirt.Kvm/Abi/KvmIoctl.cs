namespace StratoVirt.Kvm.Abi;

/// <summary>Request numbers every architecture has.</summary>
internal static class KvmIoctl
{
    // /dev/kvm
    internal const uint KVM_GET_API_VERSION = 0xae00;
    internal const uint KVM_CREATE_VM = 0xae01;
    internal const uint KVM_CHECK_EXTENSION = 0xae03;
    internal const uint KVM_GET_VCPU_MMAP_SIZE = 0xae04;

    // The VM
    internal const uint KVM_CREATE_VCPU = 0xae41;
    internal const uint KVM_GET_DIRTY_LOG = 0x4010ae42;
    internal const uint KVM_SET_USER_MEMORY_REGION = 0x4020ae46;
    internal const uint KVM_CREATE_IRQCHIP = 0xae60;
    internal const uint KVM_IRQ_LINE = 0x4008ae61;
    internal const uint KVM_SET_GSI_ROUTING = 0x4008ae6a;
    internal const uint KVM_IRQFD = 0x4020ae76;
    internal const uint KVM_IOEVENTFD = 0x4040ae79;
    internal const uint KVM_ENABLE_CAP = 0x4068aea3;
    internal const uint KVM_SIGNAL_MSI = 0x4020aea5;

    // The vCPU
    internal const uint KVM_RUN = 0xae80;
    internal const uint KVM_SET_SIGNAL_MASK = 0x4004ae8b;
    internal const uint KVM_GET_MP_STATE = 0x8004ae98;
    internal const uint KVM_SET_MP_STATE = 0x4004ae99;
    internal const uint KVM_GET_VCPU_EVENTS = 0x8040ae9f;
    internal const uint KVM_SET_VCPU_EVENTS = 0x4040aea0;
}
