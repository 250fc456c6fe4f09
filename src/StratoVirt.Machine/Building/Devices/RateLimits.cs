using StratoVirt.Backends.Limits;
using StratoVirt.Definitions.Devices;

namespace StratoVirt.Machine.Building.Devices;

/// <summary>The user's rate limits as the limiter takes them.</summary>
internal static class RateLimits
{
    /// <summary>A limiter with these limits; without any it lets everything pass.</summary>
    public static RateLimiter Create(RateLimitSpec? limit) => new(Bytes(limit), Operations(limit));

    /// <summary>Changes a limiter while requests pass.</summary>
    public static void Change(RateLimiter limiter, RateLimitSpec? limit) => limiter.Change(Bytes(limit), Operations(limit));

    private static TokenRate? Bytes(RateLimitSpec? limit) =>
        limit?.Bandwidth is { } bandwidth ? new TokenRate(bandwidth.Bytes, limit.BandwidthBurst?.Bytes ?? 0) : null;

    private static TokenRate? Operations(RateLimitSpec? limit) =>
        limit?.Operations is { } operations ? new TokenRate((ulong)operations, (ulong)(limit.OperationsBurst ?? 0)) : null;
}
