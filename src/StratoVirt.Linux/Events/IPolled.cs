namespace StratoVirt.Linux.Events;

/// <summary>A source of work that shows in memory, so that a loop can find it without asking the kernel: a ring shared
/// with a guest. Used on the loop's thread; allocates nothing.</summary>
public interface IPolled
{
    /// <summary>Whether there is work: a look at memory.</summary>
    bool HasWork { get; }

    /// <summary>Asks for a signal of the next work, because nobody looks any more.</summary>
    /// <returns>Whether work came in meanwhile, which no signal will tell of.</returns>
    bool Rearm();
}
