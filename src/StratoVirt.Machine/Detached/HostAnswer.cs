using System.Buffers;
using System.Text.Json;

namespace StratoVirt.Machine.Detached;

/// <summary>What a host process says once, when its machine runs or cannot: how its start went.</summary>
public sealed record HostAnswer
{
    /// <summary>Answers are short; more than this is no answer.</summary>
    internal const int MaxLength = 64 << 10;

    /// <summary>The machine runs.</summary>
    public static HostAnswer Ready { get; } = new();

    /// <summary>Stable identifier of what went wrong; null when the machine runs.</summary>
    public string? ErrorId { get; init; }

    /// <summary>What was wrong, and where.</summary>
    public string Message { get; init; } = string.Empty;

    /// <summary>What the user can do.</summary>
    public string RecommendedAction { get; init; } = string.Empty;

    /// <summary>The lower-level failure's own words, or null.</summary>
    public string? Cause { get; init; }

    /// <summary>The answer for a failure.</summary>
    public static HostAnswer For(MachineException failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        return new HostAnswer
        {
            ErrorId = failure.Id.ToString(),
            Message = failure.Message,
            RecommendedAction = failure.RecommendedAction,
            Cause = failure.InnerException?.Message,
        };
    }

    /// <summary>The answer as JSON.</summary>
    public byte[] ToUtf8()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (ErrorId is not null)
            {
                json.WriteString("id"u8, ErrorId);
                json.WriteString("message"u8, Message);
                json.WriteString("recommendedAction"u8, RecommendedAction);
                if (Cause is not null)
                {
                    json.WriteString("cause"u8, Cause);
                }
            }

            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Reads an answer; null when it is none, as when the process died over it.</summary>
    public static HostAnswer? TryParse(ReadOnlyMemory<byte> utf8Json)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(utf8Json);
            JsonElement root = document.RootElement;
            return root.ValueKind != JsonValueKind.Object ? null : new HostAnswer
            {
                ErrorId = Text(root, "id"),
                Message = Text(root, "message") ?? string.Empty,
                RecommendedAction = Text(root, "recommendedAction") ?? string.Empty,
                Cause = Text(root, "cause"),
            };
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The failure as the caller of the host sees it.</summary>
    internal MachineException ToException() => new(
        Enum.TryParse(ErrorId, out MachineErrorId id) ? id : MachineErrorId.HostFailed,
        Message,
        RecommendedAction,
        Cause is null ? null : new InvalidOperationException(Cause));

    private static string? Text(JsonElement root, string name) =>
        root.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
