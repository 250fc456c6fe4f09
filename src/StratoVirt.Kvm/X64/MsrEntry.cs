using System.Runtime.InteropServices;
using StratoVirt.Kvm.Abi;

namespace StratoVirt.Kvm.X64;

/// <summary>A model-specific register and its value, laid out as the kernel's <c>kvm_msr_entry</c>.</summary>
[StructLayout(LayoutKind.Sequential), KernelName("kvm_msr_entry")]
public record struct MsrEntry
{
    /// <summary>Names a register; for reading, the value is filled in by KVM.</summary>
    public MsrEntry(uint index, ulong data = 0)
    {
        Index = index;
        Data = data;
    }

    /// <summary>The register's number (ECX of RDMSR).</summary>
    public uint Index;
    private uint _reserved;
    /// <summary>Its value.</summary>
    public ulong Data;
}
