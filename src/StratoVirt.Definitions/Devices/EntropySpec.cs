namespace StratoVirt.Definitions.Devices;

/// <summary>A source of random numbers.</summary>
public sealed record EntropySpec : DeviceSpec
{
    /// <inheritdoc/>
    public override string Name { get; init; } = "rng";

    /// <summary>Path of a device to read; null takes the host kernel's generator.</summary>
    public string? Source { get; init; }

    /// <summary>Limits.</summary>
    public RateLimitSpec? RateLimit { get; init; }
}
