using System.Runtime.InteropServices;
using StratoVirt.Kvm.Abi;
using StratoVirt.Kvm.Abi.X64;

namespace StratoVirt.Kvm.X64;

/// <summary>The answer to one CPUID leaf, laid out as the kernel's <c>kvm_cpuid_entry2</c>.</summary>
[StructLayout(LayoutKind.Sequential, Size = 40), KernelName("kvm_cpuid_entry2")]
public record struct CpuidEntry
{
    /// <summary>The leaf (EAX on entry).</summary>
    public uint Function;
    /// <summary>The subleaf (ECX on entry), where <see cref="HasIndex"/>.</summary>
    public uint Index;
    /// <summary>KVM_CPUID_FLAG_*.</summary>
    public uint Flags;
    /// <summary>EAX returned.</summary>
    public uint Eax;
    /// <summary>EBX returned.</summary>
    public uint Ebx;
    /// <summary>ECX returned.</summary>
    public uint Ecx;
    /// <summary>EDX returned.</summary>
    public uint Edx;

    /// <summary>Whether the leaf has subleaves, and this is the answer for one of them alone.</summary>
    public bool HasIndex
    {
        readonly get => (Flags & KvmX64Constants.KVM_CPUID_FLAG_SIGNIFCANT_INDEX) != 0;
        set => Flags = value
            ? Flags | KvmX64Constants.KVM_CPUID_FLAG_SIGNIFCANT_INDEX
            : Flags & ~KvmX64Constants.KVM_CPUID_FLAG_SIGNIFCANT_INDEX;
    }
}
