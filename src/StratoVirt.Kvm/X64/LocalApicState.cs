using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using StratoVirt.Kvm.Abi;

namespace StratoVirt.Kvm.X64;

/// <summary>The register page of a local APIC, laid out as the kernel's <c>kvm_lapic_state</c>.</summary>
[StructLayout(LayoutKind.Sequential), KernelName("kvm_lapic_state")]
public struct LocalApicState
{
    // KVM_APIC_REG_SIZE
    private const int Length = 0x400;

    private RegisterPage _registers;

    /// <summary>A 32-bit register.</summary>
    /// <param name="offset">Its offset in the page (Intel SDM volume 3, table 11-1), for example 0x350 for LVT LINT0.</param>
    public uint this[int offset]
    {
        readonly get => BinaryPrimitives.ReadUInt32LittleEndian(((ReadOnlySpan<byte>)_registers)[offset..]);
        set => BinaryPrimitives.WriteUInt32LittleEndian(((Span<byte>)_registers)[offset..], value);
    }

    [InlineArray(Length)]
    private struct RegisterPage
    {
        private byte _first;
    }
}
