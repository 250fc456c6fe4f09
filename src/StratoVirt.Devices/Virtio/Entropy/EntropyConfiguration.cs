namespace StratoVirt.Devices.Virtio.Entropy;

/// <summary>How an entropy device is made.</summary>
public sealed record EntropyConfiguration
{
    /// <summary>The most bytes of one request.</summary>
    public const int LargestRequest = 1 << 20;

    /// <summary>Bytes given to one request at most; a driver that wants more asks again (virtio 1.3 §5.4.6.2). At least
    /// 1, at most <see cref="LargestRequest"/>.</summary>
    public int MostBytesPerRequest { get; init; } = 64 << 10;

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MostBytesPerRequest, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MostBytesPerRequest, LargestRequest);
    }
}
