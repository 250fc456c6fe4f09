namespace StratoVirt.Kvm.Abi.X64;

/// <summary>Constants of x86_64's structures.</summary>
internal static class KvmX64Constants
{
    internal const uint KVM_PIT_SPEAKER_DUMMY = 1;
    internal const uint KVM_IRQCHIP_PIC_MASTER = 0;
    internal const uint KVM_IRQCHIP_PIC_SLAVE = 1;
    internal const uint KVM_IRQCHIP_IOAPIC = 2;
    internal const uint KVM_CPUID_FLAG_SIGNIFCANT_INDEX = 1;

    internal const uint KVM_CLOCK_TSC_STABLE = 2;
    internal const uint KVM_CLOCK_REALTIME = 4;
    internal const uint KVM_CLOCK_HOST_TSC = 8;

    internal const uint KVM_MP_STATE_RUNNABLE = 0;
    internal const uint KVM_MP_STATE_UNINITIALIZED = 1;
    internal const uint KVM_MP_STATE_INIT_RECEIVED = 2;
    internal const uint KVM_MP_STATE_HALTED = 3;
    internal const uint KVM_MP_STATE_SIPI_RECEIVED = 4;
}
