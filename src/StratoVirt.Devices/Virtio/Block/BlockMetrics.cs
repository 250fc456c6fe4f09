using StratoVirt.Backends.Block;

namespace StratoVirt.Devices.Virtio.Block;

/// <summary>Counters of a block device, since it was made.</summary>
/// <param name="Reads">Reads done.</param>
/// <param name="Writes">Writes done.</param>
/// <param name="BytesRead">Bytes they moved.</param>
/// <param name="BytesWritten">Bytes they moved.</param>
/// <param name="Flushes">Flushes done.</param>
/// <param name="Unmaps">Discards and write-zeroes done.</param>
/// <param name="Errors">Requests that ended with an error status.</param>
/// <param name="Delayed">Requests that had to wait for a rate limit.</param>
/// <param name="Merged">Requests that were done together with the one before.</param>
/// <param name="LastError">The last failure of the host; null when there was none.</param>
public readonly record struct BlockMetrics(
    long Reads,
    long Writes,
    long BytesRead,
    long BytesWritten,
    long Flushes,
    long Unmaps,
    long Errors,
    long Delayed,
    long Merged,
    BlockError? LastError);
