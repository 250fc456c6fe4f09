namespace StratoVirt.Devices.Virtio;

/// <summary>Feature bits that belong to no device type (virtio 1.3 §6).</summary>
public static class VirtioFeatures
{
    /// <summary>VIRTIO_F_INDIRECT_DESC.</summary>
    public const ulong IndirectDescriptors = 1UL << 28;

    /// <summary>VIRTIO_F_EVENT_IDX.</summary>
    public const ulong EventIndex = 1UL << 29;

    /// <summary>VIRTIO_F_VERSION_1. There is no legacy interface here: a driver must accept it.</summary>
    public const ulong Version1 = 1UL << 32;

    /// <summary>VIRTIO_F_RING_PACKED.</summary>
    public const ulong PackedRing = 1UL << 34;

    /// <summary>VIRTIO_F_RING_RESET.</summary>
    public const ulong QueueReset = 1UL << 40;

    /// <summary>What every device here offers.</summary>
    public const ulong Common = IndirectDescriptors | EventIndex | Version1 | PackedRing | QueueReset;
}
