namespace StratoVirt.Devices.Virtio.Balloon;

/// <summary>Counters of a balloon, since it was made.</summary>
/// <param name="InflatedPages">Pages of 4 KiB the guest has given to the balloon.</param>
/// <param name="DeflatedPages">Pages of 4 KiB it has taken out.</param>
/// <param name="ReportedBytes">Bytes of free pages reported.</param>
/// <param name="HintedBytes">Bytes of free pages hinted at.</param>
/// <param name="ReleasedBytes">Bytes given back to the host.</param>
/// <param name="RefusedBytes">Bytes the kernel would not take back: memory of a kind that cannot be given back in parts,
/// or pieces smaller than a page of the host.</param>
/// <param name="BadPages">Pages named that are no RAM, or more of them than one request may name.</param>
/// <param name="StatisticsReports">Statistics received.</param>
/// <param name="BadRequests">Requests that had not the form of their queue.</param>
public readonly record struct BalloonMetrics(
    long InflatedPages,
    long DeflatedPages,
    long ReportedBytes,
    long HintedBytes,
    long ReleasedBytes,
    long RefusedBytes,
    long BadPages,
    long StatisticsReports,
    long BadRequests);
