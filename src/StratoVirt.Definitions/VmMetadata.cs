using System.Collections.Immutable;
using System.Text.Json.Serialization;
using StratoVirt.Definitions.Json;

namespace StratoVirt.Definitions;

/// <summary>Name and labels of a machine.</summary>
public sealed record VmMetadata
{
    /// <summary>Unique in its store: 1 to 63 characters of <c>a-z A-Z 0-9 . _ -</c>, beginning with a letter or digit,
    /// without <c>..</c>. Names that differ by case alone are the same.</summary>
    public required string Name { get; init; }

    /// <summary>Free key/value pairs for the user's own use, ordered by the keys' character codes.</summary>
    [JsonConverter(typeof(LabelsConverter))]
    public ImmutableSortedDictionary<string, string> Labels
    {
        get;
        init => field = value.WithComparers(StringComparer.Ordinal, StringComparer.Ordinal);
    } = NoLabels;

    internal static ImmutableSortedDictionary<string, string> NoLabels { get; } =
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal, StringComparer.Ordinal);

    /// <summary>Same name and same labels.</summary>
    public bool Equals(VmMetadata? other) => other is not null && Name == other.Name && Labels.SequenceEqual(other.Labels);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Labels.Count);
}
