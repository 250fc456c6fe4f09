namespace StratoVirt.Store;

/// <summary>The store could not do what it was asked, and has changed nothing.</summary>
public sealed class StoreException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="id">Stable identifier.</param>
    /// <param name="message">What was wrong, and where. One or two sentences.</param>
    /// <param name="recommendedAction">What the user can do. One sentence, imperative.</param>
    /// <param name="cause">The lower-level failure, if any.</param>
    public StoreException(StoreErrorId id, string message, string recommendedAction, Exception? cause = null)
        : base(message, cause)
    {
        Id = id;
        RecommendedAction = recommendedAction;
    }

    /// <summary>Stable identifier.</summary>
    public StoreErrorId Id { get; }

    /// <summary>What the user can do.</summary>
    public string RecommendedAction { get; }
}
