namespace StratoVirt.Devices.Virtio.Balloon;

/// <summary>Feature bits of the balloon (virtio 1.3 §5.5.3).</summary>
internal static class BalloonFeatures
{
    /// <summary>VIRTIO_BALLOON_F_STATS_VQ.</summary>
    internal const ulong Statistics = 1UL << 1;

    /// <summary>VIRTIO_BALLOON_F_DEFLATE_ON_OOM.</summary>
    internal const ulong DeflateOnOutOfMemory = 1UL << 2;

    /// <summary>VIRTIO_BALLOON_F_FREE_PAGE_HINT.</summary>
    internal const ulong FreePageHint = 1UL << 3;

    /// <summary>VIRTIO_BALLOON_F_PAGE_POISON.</summary>
    internal const ulong PagePoison = 1UL << 4;

    /// <summary>VIRTIO_BALLOON_F_PAGE_REPORTING.</summary>
    internal const ulong PageReporting = 1UL << 5;
}
