namespace StratoVirt.Bench.Measuring;

/// <summary>Samples of ours and of the peer, taken by turns. The machine's own speed changes from minute to minute, so
/// it is the two of a pair that are compared, and the pair in the middle that stands for all.</summary>
internal sealed class PairedSamples
{
    private readonly List<(double Ours, double Peer)> _pairs = [];

    /// <summary>Pairs taken.</summary>
    public int Count => _pairs.Count;

    /// <summary>Ours of the pair with the median ratio.</summary>
    public double Ours => Middle.Ours;

    /// <summary>The peer's of the pair with the median ratio.</summary>
    public double Peer => Middle.Peer;

    private (double Ours, double Peer) Middle => _pairs.OrderBy(Ratio).ElementAt((_pairs.Count - 1) / 2);

    /// <summary>Adds a pair.</summary>
    public void Add(double ours, double peer) => _pairs.Add((ours, peer));

    /// <summary>How far apart the pairs are, for a row's note.</summary>
    public string Spread()
    {
        List<double> ratios = [.. _pairs.Select(Ratio).Order()];
        return $"Half of the pairs lie from {Quantile(ratios, 0.25):F2} to {Quantile(ratios, 0.75):F2}";
    }

    private static double Ratio((double Ours, double Peer) pair) => pair.Ours / pair.Peer;

    private static double Quantile(List<double> sorted, double share) => sorted[(int)Math.Round((sorted.Count - 1) * share)];
}
