namespace StratoVirt.PowerShell;

/// <summary>
/// What a cmdlet of this module could not do. The engine's own exception, if one was behind it, is the inner one:
/// it lives in a private load context, and this type is what scripts can catch.
/// </summary>
public sealed class StratoVirtException : Exception
{
    internal StratoVirtException(string id, string message, string recommendedAction, Exception? cause = null)
        : base(message, cause)
    {
        Id = id;
        RecommendedAction = recommendedAction;
    }

    /// <summary>Stable identifier, for example <c>StratoVirt.KernelMissing</c>. Never renamed or reused.</summary>
    public string Id { get; }

    /// <summary>What the user can do.</summary>
    public string RecommendedAction { get; }
}
