namespace StratoVirt.Devices.Virtio.Queue;

/// <summary>Flags of a descriptor (virtio 1.3 §2.7.5, §2.8.1).</summary>
[Flags]
internal enum DescriptorFlags : ushort
{
    None = 0,
    Next = 1 << 0,
    Write = 1 << 1,
    Indirect = 1 << 2,
    Available = 1 << 7,
    Used = 1 << 15,
}
