using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using StratoVirt.Kvm.Abi;

namespace StratoVirt.Kvm.X64;

/// <summary>x87 and SSE state, laid out as the kernel's <c>kvm_fpu</c>.</summary>
[StructLayout(LayoutKind.Sequential), KernelName("kvm_fpu")]
public struct FpuState
{
    /// <summary>ST0 to ST7, 16 bytes each.</summary>
    [KernelName("fpr")] public X87Registers X87;
    /// <summary>Control word; 0x37f after FNINIT.</summary>
    public ushort Fcw;
    /// <summary>Status word.</summary>
    public ushort Fsw;
    /// <summary>Tag word as FXSAVE stores it: one bit a register, 1 when in use.</summary>
    public byte Ftwx;
    private byte _pad1;
    /// <summary>Last opcode.</summary>
    public ushort LastOpcode;
    /// <summary>Last instruction pointer.</summary>
    public ulong LastIp;
    /// <summary>Last data pointer.</summary>
    public ulong LastDp;
    /// <summary>XMM0 to XMM15, 16 bytes each.</summary>
    public XmmRegisters Xmm;
    /// <summary>MXCSR; 0x1f80 after reset.</summary>
    public uint Mxcsr;
    private uint _pad2;

    /// <summary>Eight registers of 16 bytes.</summary>
    [InlineArray(128)]
    public struct X87Registers
    {
        private byte _first;
    }

    /// <summary>Sixteen registers of 16 bytes.</summary>
    [InlineArray(256)]
    public struct XmmRegisters
    {
        private byte _first;
    }
}
