using System.Diagnostics;

namespace StratoVirt.Linux.Handles;

/// <summary>Waiting for a lock with a deadline, which neither flock(2) nor fcntl(2) knows: whoever waits asks again and
/// again, the longer he waits the less often.</summary>
/// <param name="patience">How long to wait.</param>
internal struct LockWait(TimeSpan patience)
{
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(16);

    private readonly long _start = Stopwatch.GetTimestamp();
    private TimeSpan _next = TimeSpan.FromMilliseconds(1);

    /// <summary>Waits until it is time to ask again; false when there is no more of it.</summary>
    public bool TryPause()
    {
        if (Stopwatch.GetElapsedTime(_start) >= patience)
        {
            return false;
        }

        Thread.Sleep(_next);
        _next = _next < Longest ? 2 * _next : Longest;
        return true;
    }
}
