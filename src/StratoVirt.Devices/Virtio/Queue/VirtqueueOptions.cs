namespace StratoVirt.Devices.Virtio.Queue;

/// <summary>Negotiated features that change how a virtqueue works.</summary>
[Flags]
public enum VirtqueueOptions
{
    /// <summary>A split virtqueue with plain flags.</summary>
    None = 0,

    /// <summary>VIRTIO_F_RING_PACKED.</summary>
    Packed = 1 << 0,

    /// <summary>VIRTIO_F_INDIRECT_DESC.</summary>
    Indirect = 1 << 1,

    /// <summary>VIRTIO_F_EVENT_IDX.</summary>
    EventIndex = 1 << 2,
}
