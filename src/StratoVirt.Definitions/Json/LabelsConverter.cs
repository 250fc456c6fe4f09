using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace StratoVirt.Definitions.Json;

/// <summary>
/// Labels as a JSON object. The platform's converter orders keys as the user's language does, and fails on two keys
/// that this language holds equal; labels are compared by character code everywhere.
/// </summary>
internal sealed class LabelsConverter : JsonConverter<ImmutableSortedDictionary<string, string>>
{
    public override ImmutableSortedDictionary<string, string> Read(
        ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("Labels are an object.");
        }

        ImmutableSortedDictionary<string, string>.Builder labels = VmMetadata.NoLabels.ToBuilder();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            string key = reader.GetString()!;
            if (!reader.Read() || reader.TokenType != JsonTokenType.String || !labels.TryAdd(key, reader.GetString()!))
            {
                throw new JsonException("A label is given once, and its value is a string.");
            }
        }

        return labels.ToImmutable();
    }

    public override void Write(
        Utf8JsonWriter writer, ImmutableSortedDictionary<string, string> value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        foreach ((string key, string text) in value)
        {
            writer.WriteString(key, text);
        }

        writer.WriteEndObject();
    }
}
