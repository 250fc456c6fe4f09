namespace StratoVirt.Definitions.Changes;

/// <summary>What kind of difference there is at a place of two definitions.</summary>
public enum ChangeKind
{
    /// <summary>Another value.</summary>
    Set,
    /// <summary>A value, or an item of a list, where there was none.</summary>
    Add,
    /// <summary>None where there was one.</summary>
    Remove,
    /// <summary>The items of a list in another order, after all that were removed and added.</summary>
    Reorder,
}
