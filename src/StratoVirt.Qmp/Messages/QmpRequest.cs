using System.Runtime.InteropServices;
using System.Text.Json;

namespace StratoVirt.Qmp.Messages;

/// <summary>A client's request, judged as far as the protocol goes.</summary>
internal readonly struct QmpRequest
{
    private static readonly JsonDocumentOptions Options = new()
    {
        AllowDuplicateProperties = false,
        MaxDepth = Framing.QmpLimits.MaxCommandDepth + 1,
    };

    private QmpRequest(string? command, JsonElement arguments, byte[]? id, QmpException? fault)
    {
        Command = command ?? string.Empty;
        Arguments = arguments;
        Id = id;
        Fault = fault;
    }

    /// <summary>What is to be done.</summary>
    public string Command { get; }

    /// <summary>An object, or undefined when there are none.</summary>
    public JsonElement Arguments { get; }

    /// <summary>The client's mark as JSON text, to be given back; null when there is none.</summary>
    public byte[]? Id { get; }

    /// <summary>What is wrong with the request; null when nothing is.</summary>
    public QmpException? Fault { get; }

    /// <summary>Parses a message. The document is the caller's to dispose of, after the request.</summary>
    public static QmpRequest Parse(ReadOnlyMemory<byte> message, out JsonDocument? document)
    {
        if (!JsonUnicode.IsSound(message.Span))
        {
            document = null;
            return Faulty("JSON parse error, invalid UTF-8 sequence in string");
        }

        try
        {
            document = JsonDocument.Parse(message, Options);
        }
        catch (JsonException fault)
        {
            document = null;
            bool isTwice = fault.Message.Contains("uplicate", StringComparison.Ordinal);
            return Faulty(isTwice ? "JSON parse error, duplicate key" : $"JSON parse error, {Describe(message.Span, fault)}");
        }

        JsonElement root = document.RootElement;
        return root.ValueKind == JsonValueKind.Object ? Read(root) : Faulty("QMP input must be a JSON object");
    }

    private static QmpRequest Read(JsonElement root)
    {
        byte[]? id = root.TryGetProperty("id"u8, out JsonElement mark) ? JsonMarshal.GetRawUtf8Value(mark).ToArray() : null;
        string? command = null;
        JsonElement arguments = default;
        foreach (JsonProperty member in root.EnumerateObject())
        {
            if (member.NameEquals("execute"u8))
            {
                if (member.Value.ValueKind != JsonValueKind.String)
                {
                    return Faulty("QMP input member 'execute' must be a string", id);
                }

                command = member.Value.GetString();
            }
            else if (member.NameEquals("arguments"u8))
            {
                if (member.Value.ValueKind != JsonValueKind.Object)
                {
                    return Faulty("QMP input member 'arguments' must be an object", id);
                }

                arguments = member.Value;
            }
            else if (!member.NameEquals("id"u8))
            {
                return Faulty($"QMP input member '{member.Name}' is unexpected", id);
            }
        }

        return command is null ? Faulty("QMP input lacks member 'execute'", id) : new QmpRequest(command, arguments, id, null);
    }

    private static string Describe(ReadOnlySpan<byte> message, JsonException fault)
    {
        // Framing leaves one line or a balanced value, so the place is a byte of it.
        long at = fault.BytePositionInLine ?? 0;
        return fault.LineNumber is 0 or null && at < message.Length
            ? $"invalid at byte {at}"
            : "unexpected end of input";
    }

    private static QmpRequest Faulty(string description, byte[]? id = null) =>
        new(null, default, id, QmpException.Generic(description));
}
