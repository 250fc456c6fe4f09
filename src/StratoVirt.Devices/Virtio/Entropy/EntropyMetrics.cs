namespace StratoVirt.Devices.Virtio.Entropy;

/// <summary>Counters of an entropy device, since it was made.</summary>
/// <param name="Requests">Requests answered.</param>
/// <param name="Bytes">Random bytes given.</param>
/// <param name="Throttled">Times the rate limit made a request wait.</param>
/// <param name="Dry">Times the source had nothing to give.</param>
/// <param name="Empty">Requests without room for a byte.</param>
public readonly record struct EntropyMetrics(long Requests, long Bytes, long Throttled, long Dry, long Empty);
