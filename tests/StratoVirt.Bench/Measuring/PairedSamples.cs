namespace StratoVirt.Bench.Measuring;

/// <summary>Samples of ours and of the peer, taken by turns.</summary>
internal sealed class PairedSamples
{
    private readonly List<double> _ours = [];
    private readonly List<double> _peer = [];

    /// <summary>Pairs taken.</summary>
    public int Count => _ours.Count;

    /// <summary>Median of ours.</summary>
    public double Ours => Median(_ours);

    /// <summary>Median of the peer's.</summary>
    public double Peer => Median(_peer);

    /// <summary>Adds a pair.</summary>
    public void Add(double ours, double peer)
    {
        _ours.Add(ours);
        _peer.Add(peer);
    }

    /// <summary>The spread of both, for a row's note: half of the samples lie within these fractions of the median.</summary>
    public string Spread() => $"Middle half within {Quartiles(_ours)} (ours) and {Quartiles(_peer)} (peer) of the median";

    private static string Quartiles(List<double> samples)
    {
        double median = Median(samples);
        List<double> distances = [.. samples.Select(sample => Math.Abs(sample - median) / median)];
        return $"{Median(distances) * 100:F0} %";
    }

    private static double Median(List<double> samples)
    {
        List<double> sorted = [.. samples.Order()];
        int middle = sorted.Count / 2;
        return sorted.Count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
