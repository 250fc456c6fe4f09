using System.Text.Json;
using System.Text.Json.Serialization;

namespace StratoVirt.Bench.Measuring;

/// <summary>One line of the results.</summary>
/// <param name="Name">What was measured.</param>
/// <param name="Unit">Unit of both values.</param>
/// <param name="Ours">Our value in the pair of samples with the median ratio.</param>
/// <param name="Peer">The peer's in that pair.</param>
/// <param name="PeerName">Who the peer is.</param>
/// <param name="Ratio">Ours / peer.</param>
/// <param name="Better"><c>lower</c> or <c>higher</c>.</param>
/// <param name="Samples">Pairs of samples.</param>
/// <param name="Note">How it was measured and what to keep in mind.</param>
internal sealed record ResultRow(
    string Name, string Unit, double Ours, double Peer, string PeerName, double Ratio, string Better, int Samples, string Note)
{
    /// <summary>What stands before a row on standard output.</summary>
    public const string Prefix = "result: ";

    /// <summary>A row from samples where less is better.</summary>
    public static ResultRow LowerIsBetter(
        string name, string unit, PairedSamples samples, string note, string peerName = QemuMicroVm.Name) =>
        From(name, unit, samples, "lower", note, peerName);

    /// <summary>A row from samples where more is better.</summary>
    public static ResultRow HigherIsBetter(string name, string unit, PairedSamples samples, string note) =>
        From(name, unit, samples, "higher", note, QemuMicroVm.Name);

    /// <summary>Prints the row for <c>record</c>.</summary>
    public void Print() => Console.Out.WriteLine(Prefix + JsonSerializer.Serialize(this, ResultJson.Compact.ResultRow));

    private static ResultRow From(
        string name, string unit, PairedSamples samples, string better, string note, string peerName) => new(
        name, unit, Math.Round(samples.Ours, 3), Math.Round(samples.Peer, 3), peerName,
        Math.Round(samples.Ours / samples.Peer, 4), better, samples.Count, $"{note} {samples.Spread()}.");
}

/// <summary>The rows as JSON.</summary>
[JsonSerializable(typeof(ResultRow))]
[JsonSerializable(typeof(List<ResultRow>))]
internal sealed partial class ResultJson : JsonSerializerContext
{
    /// <summary>One line a row.</summary>
    public static ResultJson Compact { get; } = new(new JsonSerializerOptions { PropertyNamingPolicy = JsonNamingPolicy.CamelCase });

    /// <summary>For the file people look into.</summary>
    public static ResultJson Indented { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
    });
}
