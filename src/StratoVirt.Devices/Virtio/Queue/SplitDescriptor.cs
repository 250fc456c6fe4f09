using System.Runtime.InteropServices;

namespace StratoVirt.Devices.Virtio.Queue;

/// <summary><c>struct virtq_desc</c> (virtio 1.3 §2.7.5), little-endian.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct SplitDescriptor
{
    public const int Size = 16;

    public readonly ulong Address;
    public readonly uint Length;
    public readonly DescriptorFlags Flags;
    public readonly ushort Next;

    public bool HasNext => (Flags & DescriptorFlags.Next) != 0;

    public bool IsWritable => (Flags & DescriptorFlags.Write) != 0;

    public bool IsIndirect => (Flags & DescriptorFlags.Indirect) != 0;
}
