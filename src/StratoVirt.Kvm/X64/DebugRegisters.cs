using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using StratoVirt.Kvm.Abi;

namespace StratoVirt.Kvm.X64;

/// <summary>Debug registers, laid out as the kernel's <c>kvm_debugregs</c>.</summary>
[StructLayout(LayoutKind.Sequential, Size = 128), KernelName("kvm_debugregs")]
public struct DebugRegisters
{
    /// <summary>DR0 to DR3: linear addresses of breakpoints.</summary>
    [KernelName("db")] public BreakpointAddresses Addresses;
    /// <summary>DR6: status; 0xffff0ff0 after reset.</summary>
    public ulong Dr6;
    /// <summary>DR7: control; 0x400 after reset.</summary>
    public ulong Dr7;
    /// <summary>None are defined.</summary>
    public ulong Flags;

    /// <summary>Four linear addresses.</summary>
    [InlineArray(4)]
    public struct BreakpointAddresses
    {
        private ulong _first;
    }
}
