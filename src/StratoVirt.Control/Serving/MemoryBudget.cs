namespace StratoVirt.Control.Serving;

/// <summary>What all clients of a machine together may hold of memory. On the control thread.</summary>
/// <param name="limit">Bytes.</param>
internal sealed class MemoryBudget(long limit)
{
    private long _charged;

    /// <summary>Notes what one client holds now.</summary>
    /// <param name="before">What was noted for him; becomes <paramref name="now"/>.</param>
    /// <param name="now">Bytes.</param>
    /// <returns>False when he has grown and it is too much now: he is the one to go.</returns>
    public bool Charge(ref int before, int now)
    {
        bool hasGrown = now > before;
        _charged += now - before;
        before = now;
        return !hasGrown || _charged <= limit;
    }
}
