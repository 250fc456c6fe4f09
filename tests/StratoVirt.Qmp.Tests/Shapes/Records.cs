using System.Reflection;
using System.Text.Json;
using StratoVirt.Qmp.Shapes;

namespace StratoVirt.Qmp.Tests.Shapes;

/// <summary>The records that commands and events carry, found and filled without their shapes.</summary>
internal static class Records
{
    private static readonly string[] Texts = ["", "a", "\"\\/\b\n", "é\u2028\U0001F600", "null", "\0"];

    /// <summary>All of them, with their shapes.</summary>
    internal static IReadOnlyDictionary<Type, Shape> All { get; } = typeof(Shape).Assembly.GetTypes()
        .Select(type => (Type: type, Shape: type.GetProperty("Shape", BindingFlags.NonPublic | BindingFlags.Static)?.GetValue(null)))
        .Where(found => found.Shape is not null)
        .ToDictionary(found => found.Type, found => (Shape)found.Shape!.GetType().GetProperty("Untyped")!.GetValue(found.Shape)!);

    /// <summary>What a record has, in its order.</summary>
    internal static PropertyInfo[] PropertiesOf(Type record) => record.GetProperties(BindingFlags.Public | BindingFlags.Instance);

    /// <summary>Any value of a type. What may be null sometimes is.</summary>
    internal static object? Any(Type type, bool mayBeNull, Random random)
    {
        Type plain = Nullable.GetUnderlyingType(type) ?? type;
        if (mayBeNull && random.Next(3) == 0)
        {
            return null;
        }

        return plain switch
        {
            _ when plain == typeof(string) => Texts[random.Next(Texts.Length)],
            _ when plain == typeof(bool) => random.Next(2) == 0,
            _ when plain == typeof(int) => random.Next(3) == 0 ? int.MinValue : random.Next(),
            _ when plain == typeof(uint) => random.Next(3) == 0 ? uint.MaxValue : (uint)random.Next(),
            _ when plain == typeof(long) => random.Next(3) == 0 ? long.MinValue : random.NextInt64(),
            _ when plain == typeof(ulong) => random.Next(3) == 0 ? ulong.MaxValue : (ulong)random.NextInt64(),
            _ when plain == typeof(byte[]) => Bytes(random),
            _ when plain == typeof(DateTimeOffset) => new DateTimeOffset(random.NextInt64(DateTime.MaxValue.Ticks), TimeSpan.Zero),
            _ when plain == typeof(JsonElement) => Json(random),
            { IsEnum: true } => Enum.GetValues(plain).GetValue(random.Next(Enum.GetValues(plain).Length)),
            _ when plain == typeof(Dictionary<string, JsonElement>) => new Dictionary<string, JsonElement> { ["x-" + random.Next()] = Json(random) },
            { IsInterface: true } => List(plain.GenericTypeArguments[0], random),
            _ => Record(plain, random),
        };
    }

    /// <summary>Whether two values are alike in every part.</summary>
    internal static bool AreAlike(object? one, object? other) => (one, other) switch
    {
        (null, null) => true,
        (null, _) or (_, null) => false,
        (string or ValueType, _) when one is not JsonElement => one.Equals(other),
        (JsonElement left, JsonElement right) => JsonElement.DeepEquals(left, right),
        (IDictionary<string, JsonElement> left, IDictionary<string, JsonElement> right) =>
            left.Count == right.Count && left.All(entry => right.TryGetValue(entry.Key, out JsonElement value) && JsonElement.DeepEquals(entry.Value, value)),
        (System.Collections.IEnumerable left, System.Collections.IEnumerable right) =>
            left.Cast<object>().Count() == right.Cast<object>().Count()
            && left.Cast<object>().Zip(right.Cast<object>()).All(pair => AreAlike(pair.First, pair.Second)),
        _ => PropertiesOf(one.GetType()).All(property => AreAlike(property.GetValue(one), property.GetValue(other))),
    };

    private static object Record(Type type, Random random)
    {
        object record = Activator.CreateInstance(type)!;
        var nullability = new NullabilityInfoContext();
        foreach (PropertyInfo property in PropertiesOf(type))
        {
            bool mayBeNull = nullability.Create(property).ReadState == NullabilityState.Nullable;
            property.SetValue(record, Any(property.PropertyType, mayBeNull, random));
        }

        return record;
    }

    private static Array List(Type item, Random random)
    {
        Array items = Array.CreateInstance(item, random.Next(3));
        for (int i = 0; i < items.Length; i++)
        {
            items.SetValue(Any(item, false, random), i);
        }

        return items;
    }

    private static byte[] Bytes(Random random)
    {
        byte[] bytes = new byte[random.Next(5)];
        random.NextBytes(bytes);
        return bytes;
    }

    private static JsonElement Json(Random random) =>
        JsonElement.Parse(((string[])["null", "1.50", "\"a\"", "[]", "{\"a\":[null]}", "true"])[random.Next(6)]);
}
