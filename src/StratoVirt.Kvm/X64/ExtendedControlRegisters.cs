using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using StratoVirt.Kvm.Abi;

namespace StratoVirt.Kvm.X64;

/// <summary>XCR0 and its like, laid out as the kernel's <c>kvm_xcrs</c>.</summary>
[StructLayout(LayoutKind.Sequential, Size = 392), KernelName("kvm_xcrs")]
public struct ExtendedControlRegisters
{
    /// <summary>How many of <see cref="Xcrs"/> are used.</summary>
    [KernelName("nr_xcrs")] public uint Count;
    /// <summary>None are defined.</summary>
    public uint Flags;
    /// <summary>The registers.</summary>
    public Registers Xcrs;

    /// <summary>Room for KVM_MAX_XCRS registers.</summary>
    [InlineArray(16)]
    public struct Registers
    {
        private ExtendedControlRegister _first;
    }
}
