namespace StratoVirt.Backends.Block;

/// <summary>
/// Decides whether writes into the host's page cache are made on the device's own thread. That is a copy, far cheaper
/// than having it done by another thread (where a file system cannot write without waiting, a ring does it so); but the
/// host makes writers wait when too much is dirty, and a device that waits answers nothing. One slow write sends those
/// that follow to the engine for some time, each further one for longer.
/// </summary>
internal sealed class QuickWrites
{
    // What a write that only copies never takes; what a device's other requests may well be kept.
    private static readonly TimeSpan Slow = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan ShortestRest = TimeSpan.FromMilliseconds(64);
    private static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(16);

    // So many quick ones in a row show that the host has caught up.
    private const int Recovery = 1024;

    private readonly TimeProvider _clock;
    private TimeSpan _rest;
    private long _restBegan;
    private bool _isResting;
    private int _quick;

    /// <summary>Makes one that allows.</summary>
    public QuickWrites(TimeProvider clock) => _clock = clock;

    /// <summary>Whether the next write may be made on the device's thread.</summary>
    public bool AreAllowed
    {
        get
        {
            _isResting = _isResting && _clock.GetElapsedTime(_restBegan) < _rest;
            return !_isResting;
        }
    }

    /// <summary>Begins a write.</summary>
    /// <returns>For <see cref="End"/>.</returns>
    public long Begin() => _clock.GetTimestamp();

    /// <summary>A write is done.</summary>
    public void End(long begun)
    {
        long now = _clock.GetTimestamp();
        if (_clock.GetElapsedTime(begun, now) < Slow)
        {
            _rest = ++_quick < Recovery ? _rest : TimeSpan.Zero;
            return;
        }

        _isResting = true;
        _restBegan = now;
        _quick = 0;
        _rest = _rest == TimeSpan.Zero ? ShortestRest : _rest * 2 < LongestRest ? _rest * 2 : LongestRest;
    }
}
