namespace StratoVirt.Devices.Virtio.Block;

/// <summary>Feature bits of a block device (virtio 1.3 §5.2.3).</summary>
public static class BlockFeatures
{
    /// <summary>VIRTIO_BLK_F_SEG_MAX.</summary>
    public const ulong SegmentLimit = 1UL << 2;

    /// <summary>VIRTIO_BLK_F_RO.</summary>
    public const ulong ReadOnly = 1UL << 5;

    /// <summary>VIRTIO_BLK_F_BLK_SIZE.</summary>
    public const ulong BlockSize = 1UL << 6;

    /// <summary>VIRTIO_BLK_F_FLUSH.</summary>
    public const ulong Flush = 1UL << 9;

    /// <summary>VIRTIO_BLK_F_TOPOLOGY.</summary>
    public const ulong Topology = 1UL << 10;

    /// <summary>VIRTIO_BLK_F_CONFIG_WCE.</summary>
    public const ulong ConfigurableCache = 1UL << 11;

    /// <summary>VIRTIO_BLK_F_MQ.</summary>
    public const ulong MultipleQueues = 1UL << 12;

    /// <summary>VIRTIO_BLK_F_DISCARD.</summary>
    public const ulong Discard = 1UL << 13;

    /// <summary>VIRTIO_BLK_F_WRITE_ZEROES.</summary>
    public const ulong WriteZeroes = 1UL << 14;
}
