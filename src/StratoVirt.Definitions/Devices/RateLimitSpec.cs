namespace StratoVirt.Definitions.Devices;

/// <summary>How much a device may do. What is null is not limited.</summary>
public sealed record RateLimitSpec
{
    /// <summary>Bytes a second.</summary>
    public ByteSize? Bandwidth { get; init; }

    /// <summary>Bytes that may go at once on top, one time.</summary>
    public ByteSize? BandwidthBurst { get; init; }

    /// <summary>Operations a second.</summary>
    public int? Operations { get; init; }

    /// <summary>Operations that may go at once on top, one time.</summary>
    public int? OperationsBurst { get; init; }
}
