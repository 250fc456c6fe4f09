using System.Runtime.InteropServices;
using StratoVirt.Kvm.Abi;

namespace StratoVirt.Kvm.X64;

/// <summary>One extended control register, laid out as the kernel's <c>kvm_xcr</c>.</summary>
[StructLayout(LayoutKind.Sequential), KernelName("kvm_xcr")]
public record struct ExtendedControlRegister
{
    /// <summary>Its number (ECX of XSETBV).</summary>
    [KernelName("xcr")] public uint Index;
    private uint _reserved;
    /// <summary>Its value.</summary>
    public ulong Value;
}
