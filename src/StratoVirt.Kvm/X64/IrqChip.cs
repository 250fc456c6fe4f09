using StratoVirt.Kvm.Abi.X64;

namespace StratoVirt.Kvm.X64;

/// <summary>The interrupt controllers of a PC that KVM holds.</summary>
public enum IrqChip : uint
{
    /// <summary>The first i8259: GSI 0 to 7.</summary>
    PicMaster = KvmX64Constants.KVM_IRQCHIP_PIC_MASTER,
    /// <summary>The second i8259: GSI 8 to 15.</summary>
    PicSlave = KvmX64Constants.KVM_IRQCHIP_PIC_SLAVE,
    /// <summary>The I/O APIC: 24 pins.</summary>
    IoApic = KvmX64Constants.KVM_IRQCHIP_IOAPIC,
}
