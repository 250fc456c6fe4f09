namespace StratoVirt.Machine;

/// <summary>
/// A machine could not be built, started or driven. The message says what was wrong and where, never repeating the
/// cause, which is kept as the inner exception; <see cref="RecommendedAction"/> says what to do about it.
/// </summary>
public sealed class MachineException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="id">Stable identifier.</param>
    /// <param name="message">What was wrong, and where. One or two sentences.</param>
    /// <param name="recommendedAction">What the user can do. One sentence, imperative.</param>
    /// <param name="cause">The lower-level failure, if any.</param>
    public MachineException(MachineErrorId id, string message, string recommendedAction, Exception? cause = null)
        : base(message, cause)
    {
        Id = id;
        RecommendedAction = recommendedAction;
    }

    /// <summary>Stable identifier.</summary>
    public MachineErrorId Id { get; }

    /// <summary>What the user can do.</summary>
    public string RecommendedAction { get; }
}
