using System.Runtime.InteropServices;

namespace StratoVirt.Testing.Virtio;

/// <summary><c>struct virtq_desc</c> (virtio 1.3 §2.7.5), to be written with anything.</summary>
[StructLayout(LayoutKind.Sequential)]
public record struct SplitTestDescriptor
{
    /// <summary>GPA.</summary>
    public ulong Address { get; set; }

    /// <summary>Bytes.</summary>
    public uint Length { get; set; }

    /// <summary>VIRTQ_DESC_F_*.</summary>
    public ushort Flags { get; set; }

    /// <summary>The number of the chain's next descriptor.</summary>
    public ushort Next { get; set; }

    /// <summary>A direct descriptor for a buffer.</summary>
    public static SplitTestDescriptor Of(in DriverBuffer buffer, ushort? next) => new()
    {
        Address = buffer.Address.Value,
        Length = buffer.Length,
        Flags = (ushort)((buffer.IsWritable ? SplitDriverQueue.Write : 0) | (next is null ? 0 : SplitDriverQueue.Next)),
        Next = next ?? 0,
    };
}
