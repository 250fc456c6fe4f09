using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Text.Encodings.Web;
using System.Text.Json;
using StratoVirt.PowerShell.Errors;

namespace StratoVirt.PowerShell.Binding;

/// <summary>JSON as PowerShell's values, and back.</summary>
internal static class JsonBinding
{
    private const int MaxDepth = 32;

    private static readonly JsonSerializerOptions AsWritten = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, WriteIndented = true };

    /// <summary>What a user gave as an object: a table, or JSON text. Undefined when nothing.</summary>
    /// <exception cref="StratoVirtException">It is no object.</exception>
    public static JsonElement ToObject(object? given)
    {
        object? value = given is PSObject wrapped ? wrapped.BaseObject : given;
        if (value is null)
        {
            return default;
        }

        JsonElement element;
        try
        {
            element = value is string text ? Parse(text) : Convert(given);
        }
        catch (JsonException fault)
        {
            throw Invalid($"The arguments are no JSON: {fault.Message}", fault);
        }

        return element.ValueKind == JsonValueKind.Object ? element : throw Invalid("The arguments of a command are a table of names and values.", null);
    }

    /// <summary>A value as PowerShell has it: objects with properties, arrays, numbers, text.</summary>
    public static object? ToPowerShell(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                var members = new PSObject();
                foreach (JsonProperty member in element.EnumerateObject())
                {
                    members.Properties.Add(new PSNoteProperty(member.Name, ToPowerShell(member.Value)));
                }

                return members;
            case JsonValueKind.Array:
                return element.EnumerateArray().Select(ToPowerShell).ToArray();
            case JsonValueKind.String:
                return element.GetString();
            case JsonValueKind.Number:
                return element.TryGetInt64(out long whole) ? whole
                    : element.TryGetUInt64(out ulong large) ? large
                    : element.GetDouble();
            case JsonValueKind.True or JsonValueKind.False:
                return element.GetBoolean();
            default:
                return null;
        }
    }

    /// <summary>A value as JSON text.</summary>
    public static string ToText(JsonElement element) => JsonSerializer.Serialize(element, AsWritten);

    private static JsonElement Parse(string text)
    {
        using JsonDocument document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }

    private static JsonElement Convert(object? value)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            Write(writer, value, 0);
        }

        return Parse(System.Text.Encoding.UTF8.GetString(stream.ToArray()));
    }

    private static void Write(Utf8JsonWriter writer, object? given, int depth)
    {
        if (depth > MaxDepth)
        {
            throw Invalid($"The arguments are nested deeper than {MaxDepth}.", null);
        }

        object? value = given is PSObject wrapped && wrapped.BaseObject is not PSCustomObject ? wrapped.BaseObject : given;
        switch (value)
        {
            case null:
                writer.WriteNullValue();
                break;
            case string or char or Guid or Uri or Enum:
                writer.WriteStringValue(value.ToString());
                break;
            case bool flag:
                writer.WriteBooleanValue(flag);
                break;
            case SwitchParameter flag:
                writer.WriteBooleanValue(flag);
                break;
            case float or double:
                writer.WriteNumberValue(System.Convert.ToDouble(value, CultureInfo.InvariantCulture));
                break;
            case byte or sbyte or short or ushort or int or uint or long or ulong or decimal:
                writer.WriteNumberValue(System.Convert.ToDecimal(value, CultureInfo.InvariantCulture));
                break;
            case IDictionary table:
                writer.WriteStartObject();
                foreach (DictionaryEntry entry in table)
                {
                    writer.WritePropertyName(entry.Key.ToString() ?? string.Empty);
                    Write(writer, entry.Value, depth + 1);
                }

                writer.WriteEndObject();
                break;
            case PSObject custom:
                writer.WriteStartObject();
                foreach (PSPropertyInfo member in custom.Properties)
                {
                    writer.WritePropertyName(member.Name);
                    Write(writer, member.Value, depth + 1);
                }

                writer.WriteEndObject();
                break;
            case IEnumerable list:
                writer.WriteStartArray();
                foreach (object? item in list)
                {
                    Write(writer, item, depth + 1);
                }

                writer.WriteEndArray();
                break;
            default:
                throw Invalid($"A value of type {value.GetType().Name} has no form in JSON.", null);
        }
    }

    private static StratoVirtException Invalid(string message, Exception? cause) => ErrorRecords.Failure(
        CommandErrorId.ArgumentsInvalid, message, "Write -Arguments @{ id = 'disk1' } or -Arguments '{\"id\": \"disk1\"}'.", cause);
}
