using System.Buffers;
using System.Text.Json;
using StratoVirt.Definitions;
using StratoVirt.Definitions.Json;

namespace StratoVirt.Machine.Detached;

/// <summary>The order as JSON. Both sides come from one build, so an order of another version is a mixed-up
/// installation, not a document to be understood.</summary>
public static class HostOrderJson
{
    private const int Version = 1;

    private static readonly JsonEncodedText VersionName = JsonEncodedText.Encode("version");

    /// <summary>Writes an order.</summary>
    /// <exception cref="Definitions.Diagnostics.DefinitionException">Its definition is not valid.</exception>
    public static byte[] Serialize(HostOrder order)
    {
        ArgumentNullException.ThrowIfNull(order);
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber(VersionName, Version);
            WriteOptional(json, "baseDirectory"u8, order.BaseDirectory);
            WriteOptional(json, "runtimeRoot"u8, order.RuntimeRoot);
            WriteOptional(json, "storeHome"u8, order.StoreHome);
            WriteOptional(json, "kernelCache"u8, order.KernelCache);
            json.WriteBoolean("paused"u8, order.Paused);
            json.WritePropertyName("definition"u8);
            json.WriteRawValue(DefinitionJson.Serialize(order.Definition));
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Reads an order.</summary>
    /// <exception cref="JsonException">It is none, or of another version.</exception>
    /// <exception cref="Definitions.Diagnostics.DefinitionException">Its definition is not valid.</exception>
    public static HostOrder Deserialize(ReadOnlySpan<byte> utf8Json)
    {
        var json = new Utf8JsonReader(utf8Json);
        int version = 0;
        string? baseDirectory = null;
        string? runtimeRoot = null;
        string? storeHome = null;
        string? kernelCache = null;
        bool paused = false;
        VmDefinition? definition = null;
        Advance(ref json, JsonTokenType.StartObject);
        while (Next(ref json) == JsonTokenType.PropertyName)
        {
            string name = json.GetString()!;
            Next(ref json);
            switch (name)
            {
                case "version":
                    version = json.TryGetInt32(out int number) ? number : 0;
                    break;
                case "baseDirectory":
                    baseDirectory = Text(ref json);
                    break;
                case "runtimeRoot":
                    runtimeRoot = Text(ref json);
                    break;
                case "storeHome":
                    storeHome = Text(ref json);
                    break;
                case "kernelCache":
                    kernelCache = Text(ref json);
                    break;
                case "paused":
                    paused = json.TokenType == JsonTokenType.True;
                    break;
                case "definition":
                    int start = (int)json.TokenStartIndex;
                    json.Skip();
                    definition = DefinitionJson.Deserialize(utf8Json[start..(int)json.BytesConsumed]);
                    break;
                default:
                    throw new JsonException($"An order has no '{name}'.");
            }
        }

        return version != Version
            ? throw new JsonException($"The order is of version {version}; this host reads version {Version}.")
            : new HostOrder
            {
                Definition = definition ?? throw Missing("definition"),
                BaseDirectory = baseDirectory ?? throw Missing("baseDirectory"),
                RuntimeRoot = runtimeRoot ?? throw Missing("runtimeRoot"),
                StoreHome = storeHome,
                KernelCache = kernelCache,
                Paused = paused,
            };
    }

    private static void WriteOptional(Utf8JsonWriter json, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }

    private static JsonTokenType Next(ref Utf8JsonReader json) =>
        json.Read() ? json.TokenType : throw new JsonException("The order ends too early.");

    private static void Advance(ref Utf8JsonReader json, JsonTokenType expected)
    {
        if (Next(ref json) != expected)
        {
            throw new JsonException("An order is an object.");
        }
    }

    private static string Text(ref Utf8JsonReader json) =>
        json.TokenType == JsonTokenType.String ? json.GetString()! : throw new JsonException("A path is a string.");

    private static JsonException Missing(string name) => new($"The order has no '{name}'.");
}
