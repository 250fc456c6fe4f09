using System.Buffers;
using System.Text.Json;
using StratoVirt.Machine.Lifecycle;

namespace StratoVirt.Machine.Runtime;

/// <summary>
/// The form of the <c>owner</c> and <c>end</c> files. Written and read by hand: the host process is to stay small, and
/// the serializer's metadata is not. A reader takes what it knows and leaves the rest, so that sessions of two versions
/// see each other's machines.
/// </summary>
internal static class RuntimeJson
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true };

    public static ReadOnlySpan<byte> Write(RuntimeOwner owner)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Indented))
        {
            Write(json, owner);
        }

        return buffer.WrittenSpan;
    }

    public static ReadOnlySpan<byte> Write(RuntimeEnd end)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Indented))
        {
            json.WriteStartObject();
            json.WritePropertyName("owner"u8);
            Write(json, end.Owner);
            json.WriteString("cause"u8, end.Cause.ToQmp());
            json.WriteString("endedAt"u8, end.EndedAt);
            if (end.StartedAt is { } started)
            {
                json.WriteString("startedAt"u8, started);
            }

            if (end.Problem is not null)
            {
                json.WriteString("problem"u8, end.Problem);
            }

            json.WriteEndObject();
        }

        return buffer.WrittenSpan;
    }

    /// <summary>Null when it is no owner.</summary>
    public static RuntimeOwner? TryReadOwner(ReadOnlyMemory<byte> content) => TryRead(content, ReadOwner);

    /// <summary>Null when it is no end.</summary>
    public static RuntimeEnd? TryReadEnd(ReadOnlyMemory<byte> content) => TryRead(content, root => new RuntimeEnd
    {
        Owner = ReadOwner(root.GetProperty("owner")),
        Cause = RunStateNames.ParseCause(root.GetProperty("cause").GetString()),
        EndedAt = root.GetProperty("endedAt").GetDateTimeOffset(),
        StartedAt = root.TryGetProperty("startedAt", out JsonElement started) ? started.GetDateTimeOffset() : null,
        Problem = root.TryGetProperty("problem", out JsonElement problem) ? problem.GetString() : null,
    });

    private static void Write(Utf8JsonWriter json, RuntimeOwner owner)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, owner.Name);
        json.WriteNumber("processId"u8, owner.ProcessId);
        json.WriteNumber("processStartTicks"u8, owner.ProcessStartTicks);
        json.WriteString("startedAt"u8, owner.StartedAt);
        json.WriteString("kind"u8, owner.Kind == OwnerKind.Detached ? "detached"u8 : "inProcess"u8);
        if (owner.Home is not null)
        {
            json.WriteString("home"u8, owner.Home);
        }

        json.WriteEndObject();
    }

    private static RuntimeOwner ReadOwner(JsonElement root) => new()
    {
        Name = root.GetProperty("name").GetString() ?? throw new FormatException("A machine has a name."),
        ProcessId = root.GetProperty("processId").GetInt32(),
        ProcessStartTicks = root.GetProperty("processStartTicks").GetUInt64(),
        StartedAt = root.GetProperty("startedAt").GetDateTimeOffset(),
        Kind = root.TryGetProperty("kind", out JsonElement kind) && kind.ValueEquals("detached"u8) ? OwnerKind.Detached : OwnerKind.InProcess,
        Home = root.TryGetProperty("home", out JsonElement home) ? home.GetString() : null,
    };

    private static T? TryRead<T>(ReadOnlyMemory<byte> content, Func<JsonElement, T> read)
        where T : class
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(content);
            return read(document.RootElement);
        }
        catch (Exception fault) when (fault is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            // Cut off, of another kind, or a member of another type: says nothing.
            return null;
        }
    }
}
