namespace StratoVirt.Kvm.Abi;

/// <summary>Flags and types of the ioctls' structures.</summary>
internal static class KvmConstants
{
    internal const int KVM_API_VERSION = 12;

    internal const uint KVM_EXIT_IO_IN = 0;
    internal const uint KVM_EXIT_IO_OUT = 1;
    internal const ulong KVM_INTERNAL_ERROR_EMULATION_FLAG_INSTRUCTION_BYTES = 1;

    internal const uint KVM_IRQFD_FLAG_DEASSIGN = 1;
    internal const uint KVM_IRQFD_FLAG_RESAMPLE = 2;
    internal const uint KVM_IOEVENTFD_FLAG_DATAMATCH = 1;
    internal const uint KVM_IOEVENTFD_FLAG_PIO = 2;
    internal const uint KVM_IOEVENTFD_FLAG_DEASSIGN = 4;

    internal const uint KVM_IRQ_ROUTING_IRQCHIP = 1;
    internal const uint KVM_IRQ_ROUTING_MSI = 2;
    internal const uint KVM_MSI_VALID_DEVID = 1;

    internal const uint KVM_MEM_LOG_DIRTY_PAGES = 1;
    internal const uint KVM_MEM_READONLY = 2;

    internal const uint KVM_SYSTEM_EVENT_SHUTDOWN = 1;
    internal const uint KVM_SYSTEM_EVENT_RESET = 2;
    internal const uint KVM_SYSTEM_EVENT_CRASH = 3;

    internal const uint KVM_INTERNAL_ERROR_EMULATION = 1;
    internal const uint KVM_INTERNAL_ERROR_SIMUL_EX = 2;
    internal const uint KVM_INTERNAL_ERROR_DELIVERY_EV = 3;
    internal const uint KVM_INTERNAL_ERROR_UNEXPECTED_EXIT_REASON = 4;
}
