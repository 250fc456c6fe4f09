using System.Buffers;
using System.Text.Json;

namespace StratoVirt.Control.Commands;

/// <summary>Values as JSON.</summary>
internal static class JsonValues
{
    /// <summary>Text.</summary>
    public static JsonElement Text(string text) => Build(json => json.WriteStringValue(text));

    /// <summary>A whole number.</summary>
    public static JsonElement Number(int number) => Build(json => json.WriteNumberValue(number));

    /// <summary>Whatever is written.</summary>
    public static JsonElement Build(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            write(json);
        }

        return JsonElement.Parse(buffer.WrittenSpan);
    }
}
