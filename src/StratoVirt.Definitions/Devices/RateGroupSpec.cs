namespace StratoVirt.Definitions.Devices;

/// <summary>Limits that several devices share.</summary>
public sealed record RateGroupSpec
{
    /// <summary>What devices call it by; names follow the rules of devices' names.</summary>
    public required string Name { get; init; }

    /// <summary>What all of them together may do.</summary>
    public required RateLimitSpec Limit { get; init; }
}
