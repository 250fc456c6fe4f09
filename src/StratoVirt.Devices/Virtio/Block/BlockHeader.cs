using System.Runtime.InteropServices;

namespace StratoVirt.Devices.Virtio.Block;

/// <summary>The first bytes of every request (virtio 1.3 §5.2.6).</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct BlockHeader
{
    public const uint Size = 16;

    public readonly uint Type;
    public readonly uint Reserved;
    public readonly ulong Sector;
}

/// <summary>A range in a discard or write-zeroes request.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct BlockRange
{
    public const uint Size = 16;
    public const uint UnmapFlag = 1;

    public readonly ulong Sector;
    public readonly uint Sectors;
    public readonly uint Flags;
}
