using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using StratoVirt.Definitions.Json;

namespace StratoVirt.Definitions.Documents;

/// <summary>The kinds of values a key can take.</summary>
internal enum ValueKind
{
    /// <summary>Text.</summary>
    Text,
    /// <summary>A boolean.</summary>
    Boolean,
    /// <summary>A 32-bit integer.</summary>
    Integer,
    /// <summary>A size, <c>512MiB</c>.</summary>
    Size,
    /// <summary>One of a few words.</summary>
    Word,
    /// <summary>Labels: keys of the user's own, values of text.</summary>
    Labels,
    /// <summary>A mapping with keys of its own.</summary>
    Mapping,
    /// <summary>A list of mappings.</summary>
    List,
}

/// <summary>The shape of a definition, as its records have it.</summary>
internal static class DefinitionShape
{
    /// <summary>The whole document.</summary>
    internal static JsonTypeInfo Root => DefinitionJsonContext.Default.VmDefinition;

    internal static JsonTypeInfo TypeOf(JsonPropertyInfo property) =>
        DefinitionJsonContext.Default.GetTypeInfo(property.PropertyType)
        ?? throw new NotSupportedException($"{property.PropertyType} is not part of the definition's JSON context.");

    /// <summary>What the items of a list look like.</summary>
    internal static JsonTypeInfo ItemOf(JsonTypeInfo list) =>
        DefinitionJsonContext.Default.GetTypeInfo(list.ElementType!)
        ?? throw new NotSupportedException($"{list.ElementType} is not part of the definition's JSON context.");

    internal static ValueKind KindOf(JsonTypeInfo type) => (Nullable.GetUnderlyingType(type.Type) ?? type.Type) switch
    {
        { IsEnum: true } => ValueKind.Word,
        var t when t == typeof(string) => ValueKind.Text,
        var t when t == typeof(bool) => ValueKind.Boolean,
        var t when t == typeof(int) => ValueKind.Integer,
        var t when t == typeof(ByteSize) => ValueKind.Size,
        var t when t == typeof(ImmutableSortedDictionary<string, string>) => ValueKind.Labels,
        _ when type.Kind == JsonTypeInfoKind.Object => ValueKind.Mapping,
        _ when type.Kind == JsonTypeInfoKind.Enumerable => ValueKind.List,
        _ => throw new NotSupportedException($"Documents have no form for {type.Type} yet."),
    };

    /// <summary>The words an enumeration has in a document, in the order of its members.</summary>
    internal static ImmutableArray<string> WordsOf(JsonTypeInfo type) =>
    [
        .. Enum.GetValuesAsUnderlyingType(EnumOf(type))
            .Cast<object>()
            .Select(value => JsonSerializer.SerializeToNode(Enum.ToObject(EnumOf(type), value), type)!.GetValue<string>()),
    ];

    /// <summary>The paths of all keys, parents first: <c>spec</c>, <c>spec.disks</c>, <c>spec.disks[].path</c>.</summary>
    internal static IEnumerable<(string Path, JsonPropertyInfo Property)> AllKeys() => KeysBelow(Root, string.Empty);

    private static Type EnumOf(JsonTypeInfo type) => Nullable.GetUnderlyingType(type.Type) ?? type.Type;

    private static IEnumerable<(string Path, JsonPropertyInfo Property)> KeysBelow(JsonTypeInfo type, string prefix)
    {
        foreach (JsonPropertyInfo property in type.Properties)
        {
            string path = prefix + property.Name;
            yield return (path, property);
            JsonTypeInfo propertyType = TypeOf(property);
            (JsonTypeInfo? inner, string prefixBelow) = KindOf(propertyType) switch
            {
                ValueKind.Mapping => (propertyType, path + "."),
                ValueKind.List => (ItemOf(propertyType), path + "[]."),
                _ => (null, string.Empty),
            };
            foreach ((string, JsonPropertyInfo) below in inner is null ? [] : KeysBelow(inner, prefixBelow))
            {
                yield return below;
            }
        }
    }
}
