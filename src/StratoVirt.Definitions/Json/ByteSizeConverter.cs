using System.Text.Json;
using System.Text.Json.Serialization;

namespace StratoVirt.Definitions.Json;

/// <summary>Writes sizes as <c>"512MiB"</c>; reads that, or a number of bytes.</summary>
internal sealed class ByteSizeConverter : JsonConverter<ByteSize>
{
    public override ByteSize Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetUInt64(out ulong bytes))
        {
            return new ByteSize(bytes);
        }

        return reader.TokenType == JsonTokenType.String && ByteSize.TryParse(reader.GetString(), out ByteSize size)
            ? size
            : throw new JsonException("A size is written as a number and a unit, for example \"512MiB\".");
    }

    public override void Write(Utf8JsonWriter writer, ByteSize value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
