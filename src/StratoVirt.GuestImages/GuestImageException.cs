namespace StratoVirt.GuestImages;

/// <summary>
/// A guest image could not be made. The message says what was wrong and where; <see cref="RecommendedAction"/> says
/// what to do about it; the cause, if any, is the inner exception.
/// </summary>
public sealed class GuestImageException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="id">Stable identifier.</param>
    /// <param name="message">What was wrong, and where.</param>
    /// <param name="recommendedAction">What the user can do. One sentence, imperative.</param>
    /// <param name="cause">The lower-level failure, if any.</param>
    public GuestImageException(
        GuestImageErrorId id, string message, string recommendedAction, Exception? cause = null)
        : base(message, cause)
    {
        Id = id;
        RecommendedAction = recommendedAction;
    }

    /// <summary>Stable identifier.</summary>
    public GuestImageErrorId Id { get; }

    /// <summary>What the user can do.</summary>
    public string RecommendedAction { get; }
}
