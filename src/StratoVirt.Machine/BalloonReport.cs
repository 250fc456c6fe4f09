using StratoVirt.Devices.Virtio.Balloon;

namespace StratoVirt.Machine;

/// <summary>A balloon at this moment.</summary>
/// <param name="TargetBytes">Bytes the guest is asked to give up.</param>
/// <param name="ActualBytes">Bytes it says it has given up.</param>
/// <param name="Statistics">What it said of its memory last; null when it has said nothing.</param>
/// <param name="Counters">Counters since the balloon was made.</param>
public sealed record BalloonReport(
    ulong TargetBytes, ulong ActualBytes, BalloonStatistics? Statistics, BalloonMetrics Counters);
