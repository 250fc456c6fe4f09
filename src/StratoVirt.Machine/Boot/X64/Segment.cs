namespace StratoVirt.Machine.Boot.X64;

/// <summary>A segment register with its hidden part, as the Intel SDM, volume 3, §3.4.5 lays a descriptor out.</summary>
/// <param name="Selector">Byte offset in the GDT.</param>
/// <param name="Base">Linear address of its first byte.</param>
/// <param name="Limit">Last valid offset, in bytes.</param>
/// <param name="Type">Descriptor type, 4 bits.</param>
/// <param name="IsCodeOrData">The S flag: set for code and data, clear for a system segment.</param>
/// <param name="IsLong">The L flag: 64-bit code.</param>
/// <param name="IsDefault32">The D/B flag: 32-bit operands by default.</param>
internal readonly record struct Segment(
    ushort Selector, uint Base, uint Limit, byte Type, bool IsCodeOrData, bool IsLong, bool IsDefault32)
{
    /// <summary>The G flag: the limit counts pages. Set whenever the limit does not fit 20 bits.</summary>
    public bool IsPageGranular => Limit > 0xFFFFF;

    /// <summary>The eight bytes of the descriptor: present, privilege level 0.</summary>
    public ulong ToDescriptor()
    {
        ulong limit = IsPageGranular ? Limit >> 12 : Limit;
        ulong access = Type | (IsCodeOrData ? 0x10UL : 0) | 0x80;
        ulong flags = (IsLong ? 2UL : 0) | (IsDefault32 ? 4UL : 0) | (IsPageGranular ? 8UL : 0);
        return (limit & 0xFFFF)
            | ((Base & 0xFFFFFFUL) << 16)
            | (access << 40)
            | ((limit >> 16 & 0xF) << 48)
            | (flags << 52)
            | ((ulong)(Base >> 24) << 56);
    }
}
