namespace StratoVirt.Kvm.Abi.X64;

/// <summary>Request numbers of x86_64 alone.</summary>
internal static class KvmIoctlX64
{
    // /dev/kvm
    internal const uint KVM_GET_MSR_INDEX_LIST = 0xc004ae02;
    internal const uint KVM_GET_SUPPORTED_CPUID = 0xc008ae05;
    internal const uint KVM_GET_MSR_FEATURE_INDEX_LIST = 0xc004ae0a;

    // The VM
    internal const uint KVM_SET_TSS_ADDR = 0xae47;
    internal const uint KVM_SET_IDENTITY_MAP_ADDR = 0x4008ae48;
    internal const uint KVM_GET_IRQCHIP = 0xc208ae62;
    internal const uint KVM_SET_IRQCHIP = 0x8208ae63;
    internal const uint KVM_CREATE_PIT2 = 0x4040ae77;
    internal const uint KVM_SET_CLOCK = 0x4030ae7b;
    internal const uint KVM_GET_CLOCK = 0x8030ae7c;
    internal const uint KVM_GET_PIT2 = 0x8070ae9f;
    internal const uint KVM_SET_PIT2 = 0x4070aea0;

    // The vCPU
    internal const uint KVM_GET_REGS = 0x8090ae81;
    internal const uint KVM_SET_REGS = 0x4090ae82;
    internal const uint KVM_GET_SREGS = 0x8138ae83;
    internal const uint KVM_SET_SREGS = 0x4138ae84;
    internal const uint KVM_TRANSLATE = 0xc018ae85;
    internal const uint KVM_GET_MSRS = 0xc008ae88;
    internal const uint KVM_SET_MSRS = 0x4008ae89;
    internal const uint KVM_GET_FPU = 0x81a0ae8c;
    internal const uint KVM_SET_FPU = 0x41a0ae8d;
    internal const uint KVM_GET_LAPIC = 0x8400ae8e;
    internal const uint KVM_SET_LAPIC = 0x4400ae8f;
    internal const uint KVM_SET_CPUID2 = 0x4008ae90;
    internal const uint KVM_GET_CPUID2 = 0xc008ae91;
    internal const uint KVM_NMI = 0xae9a;
    internal const uint KVM_GET_DEBUGREGS = 0x8080aea1;
    internal const uint KVM_SET_DEBUGREGS = 0x4080aea2;
    internal const uint KVM_SET_TSC_KHZ = 0xaea2;
    internal const uint KVM_GET_TSC_KHZ = 0xaea3;
    internal const uint KVM_GET_XSAVE = 0x9000aea4;
    internal const uint KVM_SET_XSAVE = 0x5000aea5;
    internal const uint KVM_GET_XCRS = 0x8188aea6;
    internal const uint KVM_SET_XCRS = 0x4188aea7;
    internal const uint KVM_KVMCLOCK_CTRL = 0xaead;
    internal const uint KVM_GET_XSAVE2 = 0x9000aecf;
}
