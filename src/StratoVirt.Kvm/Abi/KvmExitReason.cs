namespace StratoVirt.Kvm.Abi;

/// <summary>Reasons KVM_RUN returns for (kvm_run.exit_reason).</summary>
internal static class KvmExitReason
{
    internal const uint KVM_EXIT_UNKNOWN = 0;
    internal const uint KVM_EXIT_EXCEPTION = 1;
    internal const uint KVM_EXIT_IO = 2;
    internal const uint KVM_EXIT_HYPERCALL = 3;
    internal const uint KVM_EXIT_DEBUG = 4;
    internal const uint KVM_EXIT_HLT = 5;
    internal const uint KVM_EXIT_MMIO = 6;
    internal const uint KVM_EXIT_IRQ_WINDOW_OPEN = 7;
    internal const uint KVM_EXIT_SHUTDOWN = 8;
    internal const uint KVM_EXIT_FAIL_ENTRY = 9;
    internal const uint KVM_EXIT_INTR = 10;
    internal const uint KVM_EXIT_SET_TPR = 11;
    internal const uint KVM_EXIT_TPR_ACCESS = 12;
    internal const uint KVM_EXIT_NMI = 16;
    internal const uint KVM_EXIT_INTERNAL_ERROR = 17;
    internal const uint KVM_EXIT_SYSTEM_EVENT = 24;
    internal const uint KVM_EXIT_IOAPIC_EOI = 26;
    internal const uint KVM_EXIT_X86_RDMSR = 29;
    internal const uint KVM_EXIT_X86_WRMSR = 30;
}
