using System.Runtime.InteropServices;

namespace StratoVirt.Kvm.Abi;

[StructLayout(LayoutKind.Sequential)]
internal struct kvm_userspace_memory_region
{
    internal uint slot;
    internal uint flags;
    internal ulong guest_phys_addr;
    internal ulong memory_size;
    internal ulong userspace_addr;
}

[StructLayout(LayoutKind.Sequential)]
internal struct kvm_dirty_log
{
    internal uint slot;
    internal uint padding1;
    internal nint dirty_bitmap;
}

[StructLayout(LayoutKind.Sequential, Size = 104)]
internal struct kvm_enable_cap
{
    internal uint cap;
    internal uint flags;
    internal words4 args;
}

[StructLayout(LayoutKind.Sequential)]
internal struct kvm_irq_level
{
    internal uint irq;
    internal uint level;
}

[StructLayout(LayoutKind.Sequential, Size = 32)]
internal struct kvm_irqfd
{
    internal uint fd;
    internal uint gsi;
    internal uint flags;
    internal uint resamplefd;
}

[StructLayout(LayoutKind.Sequential, Size = 64)]
internal struct kvm_ioeventfd
{
    internal ulong datamatch;
    internal ulong addr;
    internal uint len;
    internal int fd;
    internal uint flags;
}

[StructLayout(LayoutKind.Sequential, Size = 32)]
internal struct kvm_msi
{
    internal uint address_lo;
    internal uint address_hi;
    internal uint data;
    internal uint flags;
    internal uint devid;
}

[StructLayout(LayoutKind.Sequential)]
internal struct kvm_irq_routing_irqchip
{
    internal uint irqchip;
    internal uint pin;
}

[StructLayout(LayoutKind.Sequential)]
internal struct kvm_irq_routing_msi
{
    internal uint address_lo;
    internal uint address_hi;
    internal uint data;
    internal uint devid;
}

[StructLayout(LayoutKind.Explicit, Size = 48)]
internal struct kvm_irq_routing_entry
{
    [FieldOffset(0)] internal uint gsi;
    [FieldOffset(4)] internal uint type;
    [FieldOffset(8)] internal uint flags;
    [FieldOffset(16), KernelName("u.irqchip")] internal kvm_irq_routing_irqchip irqchip;
    [FieldOffset(16), KernelName("u.msi")] internal kvm_irq_routing_msi msi;
}

[StructLayout(LayoutKind.Sequential)]
internal struct kvm_irq_routing
{
    internal uint nr;
    internal uint flags;
}
