using System.Text.Json;
using StratoVirt.Qmp.Shapes;

namespace StratoVirt.Qmp.Messages;

/// <summary>Reads what a server says.</summary>
internal static class MessageReader
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = Framing.QmpLimits.MaxAnswerDepth + 1 };

    /// <summary>Reads one message.</summary>
    /// <exception cref="InvalidDataException">It is none of QMP's.</exception>
    public static QmpMessage Read(ReadOnlyMemory<byte> message)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(message, Options);
            return Read(document.RootElement) ?? throw new InvalidDataException("The server said something that is no message of QMP.");
        }
        catch (Exception fault) when (fault
            is JsonException or QmpException or InvalidOperationException or KeyNotFoundException or FormatException or ArgumentOutOfRangeException)
        {
            throw new InvalidDataException("The server said something that is no message of QMP.", fault);
        }
    }

    private static QmpMessage? Read(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        if (root.TryGetProperty("return"u8, out JsonElement result))
        {
            return new QmpAnswer(ReadId(root), result.Clone(), null);
        }

        if (root.TryGetProperty("error"u8, out JsonElement error))
        {
            return new QmpAnswer(ReadId(root), default, ReadError(error));
        }

        if (root.TryGetProperty("event"u8, out JsonElement name) && name.GetString() is { } happened)
        {
            JsonElement data = root.TryGetProperty("data"u8, out JsonElement carried) ? carried.Clone() : default;
            return new QmpHappening(happened, data, ReadTime(root.GetProperty("timestamp"u8)));
        }

        return root.TryGetProperty("QMP"u8, out JsonElement greeting)
                ? new QmpGreeting((VersionInfo)VersionInfo.Shape.Untyped.ReadResult(greeting.GetProperty("version"u8)))
                : null;
    }

    private static ulong? ReadId(JsonElement root) =>
        root.TryGetProperty("id"u8, out JsonElement id) && id.ValueKind == JsonValueKind.Number && id.TryGetUInt64(out ulong number) ? number : null;

    private static QmpException ReadError(JsonElement error) =>
        new(error.GetProperty("class"u8).GetString() ?? string.Empty, error.GetProperty("desc"u8).GetString() ?? string.Empty)
        {
            Id = error.TryGetProperty("x-stratovirt-id"u8, out JsonElement id) ? id.GetString() : null,
            RecommendedAction = error.TryGetProperty("x-stratovirt-action"u8, out JsonElement action) ? action.GetString() : null,
        };

    private static DateTimeOffset ReadTime(JsonElement time) => DateTimeOffset
        .FromUnixTimeSeconds(time.GetProperty("seconds"u8).GetInt64())
        .AddMicroseconds(time.GetProperty("microseconds"u8).GetInt64());
}
