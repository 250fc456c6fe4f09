using StratoVirt.Memory;

namespace StratoVirt.Devices.Virtio.Balloon;

/// <summary>
/// Who asked for free page hints (virtio 1.3 §5.5.6.3): a snapshot or a migration that would rather not copy what the
/// guest does not need. Called on the balloon's I/O thread; returns at once, allocates nothing, throws nothing.
/// </summary>
/// <remarks>A guest may use a hinted page again at any moment without a word, so a hint counts only for a page that the
/// dirty log, begun before the round, shows unwritten since.</remarks>
public interface IFreePageHints
{
    /// <summary>The guest did not need this range when it said so.</summary>
    void Hint(GuestRange range);

    /// <summary>The guest has hinted at all it had.</summary>
    void Finished();
}
