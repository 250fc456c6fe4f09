using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using StratoVirt.Kvm.Abi;

namespace StratoVirt.Kvm.X64;

/// <summary>Segments, tables and control registers, laid out as the kernel's <c>kvm_sregs</c>.</summary>
[StructLayout(LayoutKind.Sequential), KernelName("kvm_sregs")]
public struct VcpuSpecialRegisters
{
    /// <summary>Code segment.</summary>
    public Segment Cs;
    /// <summary>Data segment.</summary>
    public Segment Ds;
    /// <summary>Extra segment.</summary>
    public Segment Es;
    /// <summary>FS.</summary>
    public Segment Fs;
    /// <summary>GS.</summary>
    public Segment Gs;
    /// <summary>Stack segment.</summary>
    public Segment Ss;
    /// <summary>Task register.</summary>
    public Segment Tr;
    /// <summary>Local descriptor table register.</summary>
    public Segment Ldt;
    /// <summary>Global descriptor table.</summary>
    public DescriptorTable Gdt;
    /// <summary>Interrupt descriptor table.</summary>
    public DescriptorTable Idt;
    /// <summary>CR0.</summary>
    public ulong Cr0;
    /// <summary>CR2: address of the last page fault.</summary>
    public ulong Cr2;
    /// <summary>CR3: guest physical address of the top page table, and flags.</summary>
    public ulong Cr3;
    /// <summary>CR4.</summary>
    public ulong Cr4;
    /// <summary>CR8: task priority.</summary>
    public ulong Cr8;
    /// <summary>IA32_EFER.</summary>
    public ulong Efer;
    /// <summary>IA32_APIC_BASE.</summary>
    public ulong ApicBase;
    /// <summary>External interrupt that KVM has taken and not yet delivered: at most one bit of 256.</summary>
    public InterruptSet InterruptBitmap;

    /// <summary>One bit for each interrupt vector, 64 to a word.</summary>
    [InlineArray(4)]
    public struct InterruptSet
    {
        private ulong _first;
    }
}
