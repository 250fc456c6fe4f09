using System.Runtime.InteropServices;
using StratoVirt.Kvm.Abi;

namespace StratoVirt.Kvm.X64;

/// <summary>GDTR or IDTR, laid out as the kernel's <c>kvm_dtable</c>.</summary>
[StructLayout(LayoutKind.Sequential, Size = 16), KernelName("kvm_dtable")]
public record struct DescriptorTable
{
    /// <summary>Linear address of the table.</summary>
    public ulong Base;
    /// <summary>Offset of its last byte.</summary>
    public ushort Limit;
}
