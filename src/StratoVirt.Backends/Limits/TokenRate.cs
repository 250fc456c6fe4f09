namespace StratoVirt.Backends.Limits;

/// <summary>
/// What a bucket holds and how fast it fills. The burst is spent once, before the rate counts: it does not refill.
/// </summary>
/// <param name="PerSecond">Tokens (bytes or operations) a second; at least 1.</param>
/// <param name="Burst">Tokens that may be taken at once on top, one time.</param>
public readonly record struct TokenRate(ulong PerSecond, ulong Burst = 0);
