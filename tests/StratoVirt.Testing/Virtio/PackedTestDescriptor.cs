using System.Runtime.InteropServices;

namespace StratoVirt.Testing.Virtio;

/// <summary><c>struct pvirtq_desc</c> (virtio 1.3 §2.8.13), to be written with anything.</summary>
[StructLayout(LayoutKind.Sequential)]
public record struct PackedTestDescriptor
{
    /// <summary>GPA.</summary>
    public ulong Address { get; set; }

    /// <summary>Bytes.</summary>
    public uint Length { get; set; }

    /// <summary>Buffer id.</summary>
    public ushort Id { get; set; }

    /// <summary>VIRTQ_DESC_F_*.</summary>
    public ushort Flags { get; set; }
}
