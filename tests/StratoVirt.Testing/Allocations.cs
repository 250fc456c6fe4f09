namespace StratoVirt.Testing;

/// <summary>Measures what a hot path allocates.</summary>
public static class Allocations
{
    /// <summary>Bytes one thread allocates in many rounds of an action, after rounds that let it settle.</summary>
    /// <param name="action">What is measured.</param>
    /// <param name="rounds">How often.</param>
    public static long Of(Action action, int rounds = 1000)
    {
        ArgumentNullException.ThrowIfNull(action);
        const int SettlingRounds = 50;
        for (int i = 0; i < SettlingRounds; i++)
        {
            action();
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < rounds; i++)
        {
            action();
        }

        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
