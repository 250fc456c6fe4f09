using System.Runtime.InteropServices;

namespace StratoVirt.Devices.Virtio.Queue;

/// <summary><c>struct pvirtq_desc</c> (virtio 1.3 §2.8.13), little-endian.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct PackedDescriptor
{
    public const int Size = 16;
    public const int LengthOffset = 8;
    public const int IdOffset = 12;
    public const int FlagsOffset = 14;

    public readonly ulong Address;
    public readonly uint Length;
    public readonly ushort Id;
    public readonly DescriptorFlags Flags;

    public bool HasNext => (Flags & DescriptorFlags.Next) != 0;

    public bool IsWritable => (Flags & DescriptorFlags.Write) != 0;

    public bool IsIndirect => (Flags & DescriptorFlags.Indirect) != 0;
}
