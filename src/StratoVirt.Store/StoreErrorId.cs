namespace StratoVirt.Store;

/// <summary>
/// The stable identifiers of what can go wrong in the store. They are contract: scripts match on them (as
/// <c>StratoVirt.NotFound</c>); an id is never renamed or reused.
/// </summary>
public enum StoreErrorId
{
    /// <summary>No machine may have this name.</summary>
    InvalidName,
    /// <summary>A machine of this name, perhaps in another case, is in the store already.</summary>
    AlreadyExists,
    /// <summary>No machine of this name is in the store.</summary>
    NotFound,
    /// <summary>Another session held the store's lock for longer than this one would wait.</summary>
    Busy,
    /// <summary>A definition with a relative path, which would change its meaning with the session's location.</summary>
    RelativePath,
    /// <summary>The name in a definition is not the name it is stored under.</summary>
    NameMismatch,
    /// <summary>A stored definition cannot be read from disk.</summary>
    Unreadable,
    /// <summary>The store's directory cannot be used.</summary>
    StoreUnusable,
}
