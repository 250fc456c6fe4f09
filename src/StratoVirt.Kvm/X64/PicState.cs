using System.Runtime.InteropServices;
using StratoVirt.Kvm.Abi;

namespace StratoVirt.Kvm.X64;

/// <summary>One i8259, laid out as the kernel's <c>kvm_pic_state</c>.</summary>
[StructLayout(LayoutKind.Sequential), KernelName("kvm_pic_state")]
public record struct PicState
{
    /// <summary>Levels seen last, for edge detection.</summary>
    public byte LastIrr;
    /// <summary>Interrupt request register.</summary>
    public byte Irr;
    /// <summary>Interrupt mask register.</summary>
    public byte Imr;
    /// <summary>In-service register.</summary>
    public byte Isr;
    /// <summary>Highest priority line.</summary>
    public byte PriorityAdd;
    /// <summary>Vector of line 0.</summary>
    public byte IrqBase;
    /// <summary>1 when reads give the ISR.</summary>
    public byte ReadRegSelect;
    /// <summary>1 after a poll command.</summary>
    public byte Poll;
    /// <summary>1 in special mask mode.</summary>
    public byte SpecialMask;
    /// <summary>Initialisation command word expected next.</summary>
    public byte InitState;
    /// <summary>1 with automatic end of interrupt.</summary>
    public byte AutoEoi;
    /// <summary>1 when priorities rotate on it.</summary>
    public byte RotateOnAutoEoi;
    /// <summary>1 in special fully nested mode.</summary>
    public byte SpecialFullyNestedMode;
    /// <summary>1 when initialisation takes four bytes.</summary>
    public byte Init4;
    /// <summary>Edge/level control: 1 for level, a bit a line.</summary>
    public byte Elcr;
    /// <summary>Which bits of it can be written.</summary>
    public byte ElcrMask;
}
