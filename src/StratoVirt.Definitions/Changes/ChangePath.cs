using System.Collections.Immutable;
using StratoVirt.Definitions.Validation;

namespace StratoVirt.Definitions.Changes;

/// <summary>A place in a definition. Items of lists go by their names, so that a place stays the same when a list does
/// not: <c>spec.disks[root].path</c>.</summary>
internal sealed record ChangePath(ImmutableArray<ChangeStep> Steps)
{
    internal static readonly ChangePath Root = new([]);

    internal ChangePath Key(string key) => new(Steps.Add(new ChangeStep(key, null)));

    /// <summary>An item of the list that this is.</summary>
    internal ChangePath Item(string name) => new(Steps.SetItem(Steps.Length - 1, Steps[^1] with { Item = name }));

    /// <inheritdoc/>
    public bool Equals(ChangePath? other) => other is not null && Steps.SequenceEqual(other.Steps);

    /// <inheritdoc/>
    public override int GetHashCode() => Steps.Aggregate(0, HashCode.Combine);

    /// <inheritdoc/>
    public override string ToString() => Steps.Aggregate(string.Empty, (path, step) =>
        DefinitionPath.Append(path, step.Key) + (step.Item is null ? string.Empty : $"[{step.Item}]"))[1..];
}

/// <summary>A key, and the item's name where the key holds a list.</summary>
internal readonly record struct ChangeStep(string Key, string? Item);
