namespace StratoVirt.Control.Serving;

/// <summary>Something to be done on the control thread after a time, unless it is taken back.</summary>
/// <param name="due">When, in milliseconds of <see cref="Environment.TickCount64"/>.</param>
/// <param name="action">What.</param>
internal sealed class Later(long due, Action action)
{
    /// <summary>When.</summary>
    public long Due => due;

    /// <summary>What.</summary>
    public Action Action => action;
}
