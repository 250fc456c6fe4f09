using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace StratoVirt.Qmp.Shapes;

/// <summary>The kinds of values that commands and events carry.</summary>
internal enum ShapeKind
{
    /// <summary>Any JSON value.</summary>
    Anything,
    /// <summary>Text.</summary>
    Text,
    /// <summary>A boolean.</summary>
    Boolean,
    /// <summary>A whole number.</summary>
    Integer,
    /// <summary>A number.</summary>
    Number,
    /// <summary>One of a few words.</summary>
    Word,
    /// <summary>An object with members of its own.</summary>
    Object,
    /// <summary>A list.</summary>
    List,
}

/// <summary>What commands and events carry, read off the records' JSON metadata.</summary>
internal static class Shape
{
    public static ShapeKind KindOf(JsonTypeInfo type) => Plain(type.Type) switch
    {
        { IsEnum: true } => ShapeKind.Word,
        var t when t == typeof(JsonElement) => ShapeKind.Anything,
        var t when t == typeof(string) || t == typeof(DateTimeOffset) || t == typeof(byte[]) => ShapeKind.Text,
        var t when t == typeof(bool) => ShapeKind.Boolean,
        var t when t == typeof(int) || t == typeof(uint) || t == typeof(long) || t == typeof(ulong) => ShapeKind.Integer,
        var t when t == typeof(double) => ShapeKind.Number,
        _ when type.Kind == JsonTypeInfoKind.Object => ShapeKind.Object,
        _ when type.Kind == JsonTypeInfoKind.Enumerable => ShapeKind.List,
        _ => throw new NotSupportedException($"QMP has no form for {type.Type} yet."),
    };

    public static JsonTypeInfo TypeOf(JsonPropertyInfo property) => Find(property.PropertyType);

    public static JsonTypeInfo ItemOf(JsonTypeInfo list) => Find(list.ElementType!);

    /// <summary>Its name where clients see it.</summary>
    public static string NameOf(JsonTypeInfo type) => Plain(type.Type).Name;

    /// <summary>The words of an enumeration, in the order of its members.</summary>
    public static ImmutableArray<string> WordsOf(JsonTypeInfo type) =>
    [
        .. Enum.GetValuesAsUnderlyingType(Plain(type.Type))
            .Cast<object>()
            .Select(value => JsonSerializer.SerializeToElement(Enum.ToObject(Plain(type.Type), value), type).GetString()!),
    ];

    private static Type Plain(Type type) => Nullable.GetUnderlyingType(type) ?? type;

    private static JsonTypeInfo Find(Type type) =>
        QmpJsonContext.Default.GetTypeInfo(type)
        ?? throw new NotSupportedException($"{type} is not part of QMP's JSON context.");
}
