using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using StratoVirt.Kvm.Abi;

namespace StratoVirt.Kvm.X64;

/// <summary>The I/O APIC, laid out as the kernel's <c>kvm_ioapic_state</c>.</summary>
[StructLayout(LayoutKind.Sequential), KernelName("kvm_ioapic_state")]
public struct IoApicState
{
    /// <summary>Guest physical address of its registers.</summary>
    public ulong BaseAddress;
    /// <summary>The register selected.</summary>
    [KernelName("ioregsel")] public uint RegisterSelect;
    /// <summary>APIC id.</summary>
    public uint Id;
    /// <summary>Requests, a bit a pin.</summary>
    public uint Irr;
    private uint _pad;
    /// <summary>The redirection table.</summary>
    [KernelName("redirtbl")] public RedirectionTable Redirection;

    /// <summary>KVM_IOAPIC_NUM_PINS entries of 64 bits.</summary>
    [InlineArray(24)]
    public struct RedirectionTable
    {
        private ulong _first;
    }
}
