namespace StratoVirt.Kvm.Abi;

/// <summary>Extensions KVM can be asked for (KVM_CHECK_EXTENSION).</summary>
internal static class KvmCap
{
    internal const int KVM_CAP_IRQCHIP = 0;
    internal const int KVM_CAP_USER_MEMORY = 3;
    internal const int KVM_CAP_SET_TSS_ADDR = 4;
    internal const int KVM_CAP_EXT_CPUID = 7;
    internal const int KVM_CAP_NR_VCPUS = 9;
    internal const int KVM_CAP_NR_MEMSLOTS = 10;
    internal const int KVM_CAP_MP_STATE = 14;
    internal const int KVM_CAP_IRQ_ROUTING = 25;
    internal const int KVM_CAP_IRQFD = 32;
    internal const int KVM_CAP_PIT2 = 33;
    internal const int KVM_CAP_PIT_STATE2 = 35;
    internal const int KVM_CAP_IOEVENTFD = 36;
    internal const int KVM_CAP_SET_IDENTITY_MAP_ADDR = 37;
    internal const int KVM_CAP_ADJUST_CLOCK = 39;
    internal const int KVM_CAP_INTERNAL_ERROR_DATA = 40;
    internal const int KVM_CAP_VCPU_EVENTS = 41;
    internal const int KVM_CAP_DEBUGREGS = 50;
    internal const int KVM_CAP_ENABLE_CAP = 54;
    internal const int KVM_CAP_XSAVE = 55;
    internal const int KVM_CAP_XCRS = 56;
    internal const int KVM_CAP_TSC_CONTROL = 60;
    internal const int KVM_CAP_GET_TSC_KHZ = 61;
    internal const int KVM_CAP_MAX_VCPUS = 66;
    internal const int KVM_CAP_TSC_DEADLINE_TIMER = 72;
    internal const int KVM_CAP_KVMCLOCK_CTRL = 76;
    internal const int KVM_CAP_SIGNAL_MSI = 77;
    internal const int KVM_CAP_READONLY_MEM = 81;
    internal const int KVM_CAP_IRQFD_RESAMPLE = 82;
    internal const int KVM_CAP_ENABLE_CAP_VM = 98;
    internal const int KVM_CAP_IOEVENTFD_NO_LENGTH = 100;
    internal const int KVM_CAP_CHECK_EXTENSION_VM = 105;
    internal const int KVM_CAP_DISABLE_QUIRKS = 116;
    internal const int KVM_CAP_SPLIT_IRQCHIP = 121;
    internal const int KVM_CAP_IOEVENTFD_ANY_LENGTH = 122;
    internal const int KVM_CAP_MAX_VCPU_ID = 128;
    internal const int KVM_CAP_X2APIC_API = 129;
    internal const int KVM_CAP_IMMEDIATE_EXIT = 136;
    internal const int KVM_CAP_X86_DISABLE_EXITS = 143;
    internal const int KVM_CAP_GET_MSR_FEATURES = 153;
    internal const int KVM_CAP_EXCEPTION_PAYLOAD = 164;
    internal const int KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2 = 168;
    internal const int KVM_CAP_X86_USER_SPACE_MSR = 188;
    internal const int KVM_CAP_X86_MSR_FILTER = 189;
    internal const int KVM_CAP_DIRTY_LOG_RING = 192;
    internal const int KVM_CAP_EXIT_ON_EMULATION_FAILURE = 204;
    internal const int KVM_CAP_VM_GPA_BITS = 207;
    internal const int KVM_CAP_XSAVE2 = 208;
    internal const int KVM_CAP_VM_TSC_CONTROL = 214;
    internal const int KVM_CAP_SYSTEM_EVENT_DATA = 215;
    internal const int KVM_CAP_X86_TRIPLE_FAULT_EVENT = 218;
}
