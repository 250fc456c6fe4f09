using System.Runtime.InteropServices;

namespace StratoVirt.Kvm.Abi.X64;

[StructLayout(LayoutKind.Sequential, Size = 64)]
internal struct kvm_pit_config
{
    internal uint flags;
}

// The arrays that follow these heads are marshalled apart: see FlexibleArray.
[StructLayout(LayoutKind.Sequential)]
internal struct kvm_cpuid2
{
    internal uint nent;
    internal uint padding;
}

[StructLayout(LayoutKind.Sequential)]
internal struct kvm_msrs
{
    internal uint nmsrs;
    internal uint pad;
}

[StructLayout(LayoutKind.Sequential)]
internal struct kvm_msr_list
{
    internal uint nmsrs;
}

[StructLayout(LayoutKind.Explicit, Size = 520)]
internal struct kvm_irqchip
{
    [FieldOffset(0)] internal uint chip_id;
    [FieldOffset(8), KernelName("chip.pic")] internal Kvm.X64.PicState pic;
    [FieldOffset(8), KernelName("chip.ioapic")] internal Kvm.X64.IoApicState ioapic;
}

[StructLayout(LayoutKind.Explicit, Size = 24)]
internal struct kvm_translation
{
    [FieldOffset(0)] internal ulong linear_address;
    [FieldOffset(8)] internal ulong physical_address;
    [FieldOffset(16)] internal byte valid;
    [FieldOffset(17)] internal byte writeable;
    [FieldOffset(18)] internal byte usermode;
}
