namespace StratoVirt.Guests;

/// <summary>How a loader can enter a guest.</summary>
public enum GuestEntry
{
    /// <summary>By the PVH note, and in long mode at <c>e_entry</c>.</summary>
    Pvh,

    /// <summary>In long mode at <c>e_entry</c> only: the note is left out.</summary>
    LongMode,
}
