namespace StratoVirt.Devices.Virtio.Block;

/// <summary>What a snapshot keeps of a block device. Requests that wait for a rate limit are in their queue still.</summary>
public sealed record BlockState
{
    /// <summary>The version this program writes and reads.</summary>
    public const int CurrentVersion = 1;

    /// <summary>Version of the layout.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>Whether the driver has left writes to be cached (virtio 1.3 §5.2.5, <c>writeback</c>).</summary>
    public bool Writeback { get; init; } = true;

    /// <summary>Sectors the guest knew of; a disk that has another size now is announced to it.</summary>
    public ulong Sectors { get; init; }
}
