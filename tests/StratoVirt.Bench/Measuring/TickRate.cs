using StratoVirt.Bench.Children;

namespace StratoVirt.Bench.Measuring;

/// <summary>
/// How fast a guest's time stamp counter runs: found by letting a guest wait for so many ticks, because not every host
/// tells it.
/// </summary>
internal static class TickRate
{
    private const long Ticks = 2_000_000_000;
    private const int Tries = 3;

    // The host hears of begin and end through pipes, late by what a busy machine takes to schedule.
    private const double Tolerance = 0.05;

    /// <summary>Measures it in both VMMs.</summary>
    /// <returns>Ticks a second.</returns>
    /// <exception cref="BenchException">It runs differently in them, so that times would not compare.</exception>
    public static double Measure(string guest, TimeSpan limit)
    {
        string commandLine = $"clock count={Ticks}";
        var rates = new PairedSamples();
        for (int i = 0; i < Tries; i++)
        {
            GuestResult ours = GuestRun.Ours(guest, commandLine, new NoDevice(), limit);
            GuestResult peer = GuestRun.Peer(guest, commandLine, new NoDevice(), limit);
            rates.Add(ours.Ticks / ours.Elapsed.TotalSeconds, peer.Ticks / peer.Elapsed.TotalSeconds);
        }

        Console.Error.WriteLine($"  ticks a second: ours {rates.Ours:E3}, {QemuMicroVm.Name} {rates.Peer:E3}");
        return Math.Abs(rates.Ours - rates.Peer) <= rates.Peer * Tolerance
            ? (rates.Ours + rates.Peer) / 2
            : throw new BenchException($"The guests' clocks tick differently: {rates.Ours:E3} and {rates.Peer:E3} a second.");
    }
}
