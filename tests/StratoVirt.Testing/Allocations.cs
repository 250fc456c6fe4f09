namespace StratoVirt.Testing;

/// <summary>Measures what a hot path allocates.</summary>
public static class Allocations
{
    /// <summary>
    /// Bytes the calling thread allocates in many rounds of an action, once it has settled: the least of several runs.
    /// What allocates in each round shows in every run. A buffer that grows to its depth shows in one; what only the
    /// runtime's first, unoptimised code allocates (boxing), until the optimised code is there, which a thread of the
    /// runtime's own sees to: so there is a pause between runs.
    /// </summary>
    /// <param name="action">What is measured.</param>
    /// <param name="rounds">How often, in one run.</param>
    public static long Of(Action action, int rounds = 1000)
    {
        ArgumentNullException.ThrowIfNull(action);
        const int MostRuns = 60;
        const int PauseMs = 50;
        long least = long.MaxValue;
        for (int run = 0; run < MostRuns && least != 0; run++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < rounds; i++)
            {
                action();
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
            if (least != 0)
            {
                Thread.Sleep(PauseMs);
            }
        }

        return least;
    }
}
