using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using StratoVirt.Qmp.Messages;

namespace StratoVirt.Qmp.Shapes;

/// <summary>Holds a client's arguments against the record that takes them, and words what is wrong as QEMU does.</summary>
internal static class ArgumentCheck
{
    /// <summary>Reads a command's arguments.</summary>
    /// <param name="arguments">An object; undefined stands for an empty one.</param>
    /// <param name="type">The record.</param>
    /// <param name="within">Where they are in the command's own arguments; empty when they are these.</param>
    /// <exception cref="QmpException">They do not fit.</exception>
    public static T Read<T>(JsonElement arguments, JsonTypeInfo<T> type, string within = "")
    {
        JsonElement given = arguments.ValueKind == JsonValueKind.Undefined ? EmptyObject : arguments;
        Check(given, type, within);
        try
        {
            return given.Deserialize(type)!;
        }
        catch (JsonException fault)
        {
            // The shape fits, so a number is too large, or text is no text (a lone surrogate).
            string path = fault.Path is { Length: > 2 } at ? at[2..] : "null";
            throw QmpException.Generic($"Parameter '{path}' has a value that cannot be", fault);
        }
    }

    private static JsonElement EmptyObject
    {
        get
        {
            using JsonDocument document = JsonDocument.Parse("{}"u8.ToArray());
            return document.RootElement.Clone();
        }
    }

    private static void Check(JsonElement value, JsonTypeInfo type, string path)
    {
        switch (Shape.KindOf(type))
        {
            case ShapeKind.Anything:
                break;
            case ShapeKind.Object:
                Require(value, JsonValueKind.Object, path, "object");
                CheckMembers(value, type, path);
                break;
            case ShapeKind.List:
                Require(value, JsonValueKind.Array, path, "array");
                int index = 0;
                foreach (JsonElement item in value.EnumerateArray())
                {
                    Check(item, Shape.ItemOf(type), $"{path}[{index++}]");
                }

                break;
            case ShapeKind.Word:
                Require(value, JsonValueKind.String, path, "string");
                if (!Shape.WordsOf(type).Contains(value.GetString()!))
                {
                    throw QmpException.Generic($"Parameter '{path}' does not accept value '{value.GetString()}'");
                }

                break;
            case ShapeKind.Text:
                Require(value, JsonValueKind.String, path, "string");
                break;
            case ShapeKind.Boolean:
                if (value.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
                {
                    throw WrongType(path, "boolean");
                }

                break;
            case ShapeKind.Integer:
                Require(value, JsonValueKind.Number, path, "integer");
                if (!value.TryGetInt64(out _) && !value.TryGetUInt64(out _))
                {
                    throw WrongType(path, "integer");
                }

                break;
            case ShapeKind.Number:
                Require(value, JsonValueKind.Number, path, "number");
                break;
        }
    }

    private static void CheckMembers(JsonElement value, JsonTypeInfo type, string path)
    {
        string prefix = path.Length == 0 ? string.Empty : path + ".";
        foreach (JsonPropertyInfo property in type.Properties)
        {
            if (property.IsExtensionData)
            {
                continue;
            }

            if (value.TryGetProperty(property.Name, out JsonElement member))
            {
                Check(member, Shape.TypeOf(property), prefix + property.Name);
            }
            else if (property.IsRequired)
            {
                throw QmpException.Generic($"Parameter '{prefix}{property.Name}' is missing");
            }
        }

        if (type.Properties.Any(property => property.IsExtensionData))
        {
            return;
        }

        foreach (JsonProperty member in value.EnumerateObject())
        {
            if (!type.Properties.Any(property => property.Name == member.Name))
            {
                throw QmpException.Generic($"Parameter '{prefix}{member.Name}' is unexpected");
            }
        }
    }

    private static void Require(JsonElement value, JsonValueKind kind, string path, string expected)
    {
        if (value.ValueKind != kind)
        {
            throw WrongType(path, expected);
        }
    }

    private static QmpException WrongType(string path, string expected) =>
        QmpException.Generic($"Invalid parameter type for '{path}', expected: {expected}");
}
