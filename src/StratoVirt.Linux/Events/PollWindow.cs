namespace StratoVirt.Linux.Events;

/// <summary>
/// Decides how long a loop looks for work before it sleeps. Waking a thread costs more than a short look, and far more
/// than that on a virtual host; looking in vain costs the host a CPU. So the window opens when work is seen to come soon
/// after the last, is a little longer than that takes, and closes when looking does not pay.
/// </summary>
/// <remarks>Times are in nanoseconds. A find is worth two looks in vain: the window is open while at least a third of the
/// waits are short ones.</remarks>
internal sealed class PollWindow
{
    private const int Find = 2;
    private const int OpensAt = 4;
    private const int HighestScore = 16;

    // Where a CPU was taken away others need it more: that many short waits before the next try.
    private const int PreemptedScore = -64;

    // Twice what a look at the rings and descriptors takes, so that an open window sees something.
    private const long Shortest = 4_000;

    // The window is this many times as long as the short waits of late.
    private const int Margin = 3;
    private const int AverageShift = 3;

    private readonly long _longest;
    private long _average;
    private int _score;
    private bool _isOpen;

    /// <summary>Makes one that is closed.</summary>
    /// <param name="longest">The longest it becomes; 0 never opens it.</param>
    internal PollWindow(long longest) => _longest = longest;

    /// <summary>A silence as long as this while looking means that the thread did not run.</summary>
    internal const long Preemption = 200_000;

    /// <summary>Whether it can open at all.</summary>
    internal bool CanOpen => _longest > 0;

    /// <summary>Whether to look before sleeping.</summary>
    internal bool IsOpen => _isOpen;

    /// <summary>How long to look.</summary>
    internal long Length { get; private set; }

    /// <summary>Looking has found work.</summary>
    /// <param name="waited">Since the loop had nothing to do.</param>
    internal void Found(long waited)
    {
        _average += (waited - _average) >> AverageShift;
        Length = Math.Clamp(_average * Margin, Math.Min(Shortest, _longest), _longest);
        Score(Find);
    }

    /// <summary>The loop has slept until there was work.</summary>
    /// <param name="waited">Since the loop had nothing to do, what waking took included.</param>
    internal void Slept(long waited)
    {
        // What waking takes, as long again as the window at its longest, is what looking would have saved.
        if (waited > 2 * _longest)
        {
            Score(-1);
            return;
        }

        _average = _longest;
        Length = _longest;
        Score(Find);
    }

    /// <summary>The thread did not run for a while.</summary>
    internal void Preempted()
    {
        _score = PreemptedScore;
        _isOpen = false;
    }

    private void Score(int points)
    {
        // A look in vain takes no more than there is; only preemption goes into debt.
        int score = Math.Min(_score + points, HighestScore);
        _score = points < 0 ? Math.Max(score, Math.Min(_score, 0)) : score;
        _isOpen = CanOpen && _score >= (_isOpen ? 1 : OpensAt);
    }
}
