using System.Runtime.InteropServices;
using StratoVirt.Kvm.Abi;

namespace StratoVirt.Kvm.X64;

/// <summary>A segment register with its hidden part, laid out as the kernel's <c>kvm_segment</c>. Fields are those of
/// a descriptor (Intel SDM volume 3, 3.4.5).</summary>
[StructLayout(LayoutKind.Sequential), KernelName("kvm_segment")]
public record struct Segment
{
    /// <summary>Linear address of its first byte.</summary>
    public ulong Base;
    /// <summary>Offset of its last byte, in bytes even where <see cref="G"/> is 1.</summary>
    public uint Limit;
    /// <summary>The visible part.</summary>
    public ushort Selector;
    /// <summary>Type, 4 bits.</summary>
    public byte Type;
    /// <summary>P: 1 when present.</summary>
    public byte Present;
    /// <summary>DPL: privilege level, 0 to 3.</summary>
    public byte Dpl;
    /// <summary>D/B: 1 for 32-bit code, data and stack.</summary>
    public byte Db;
    /// <summary>S: 1 for code and data, 0 for system segments.</summary>
    public byte S;
    /// <summary>L: 1 for 64-bit code.</summary>
    public byte L;
    /// <summary>G: 1 when the descriptor counts its limit in pages.</summary>
    public byte G;
    /// <summary>AVL: for software.</summary>
    public byte Avl;
    /// <summary>1 when a null selector has been loaded.</summary>
    public byte Unusable;
    private byte _padding;
}
