namespace StratoVirt.Qmp.Commands;

/// <summary>An empty object: no arguments, or no result.</summary>
public sealed record QmpNothing
{
    /// <summary>The one there need be.</summary>
    public static QmpNothing Instance { get; } = new();
}
