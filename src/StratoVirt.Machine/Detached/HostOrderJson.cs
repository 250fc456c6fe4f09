using System.Buffers;
using System.Text.Json;
using StratoVirt.Definitions;
using StratoVirt.Definitions.Json;
using StratoVirt.Machine.Jail;

namespace StratoVirt.Machine.Detached;

/// <summary>The order as JSON. Both sides come from one build, so an order of another version is a mixed-up
/// installation, not a document to be understood.</summary>
public static class HostOrderJson
{
    private const int Version = 1;

    private static readonly JailIdentity Nobody = new(0, 0, 0, 0);
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
            if (order.KernelStart is { } start)
            {
                json.WriteNumber("kernelStart"u8, start);
            }

            WriteOptional(json, "serialFile"u8, order.SerialFile);
            WriteOptional(json, "pidFile"u8, order.PidFile);
            json.WriteStartArray("controlSockets"u8);
            foreach (string path in order.ControlSockets)
            {
                json.WriteStringValue(path);
            }

            json.WriteEndArray();
            json.WriteBoolean("paused"u8, order.Paused);
            json.WriteBoolean("contained"u8, order.Contained);
            json.WriteBoolean("jailed"u8, order.Jailed);
            json.WriteStartArray("ends"u8);
            foreach (JailEnd end in order.Ends)
            {
                json.WriteStringValue(end.Device);
                json.WriteNumberValue(end.Descriptor);
                json.WriteNumberValue(end.Mtu ?? 0);
            }

            json.WriteEndArray();
            if (order.Inside is { } inside)
            {
                json.WriteNumber("insideProcess"u8, inside.ProcessId);
                json.WriteNumber("insideTicks"u8, inside.ProcessStartTicks);
                json.WriteNumber("insideUser"u8, inside.User);
                json.WriteNumber("insideLease"u8, inside.Lease);
            }

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
        string? serialFile = null;
        string? pidFile = null;
        List<string> controlSockets = [];
        long? kernelStart = null;
        bool paused = false;
        bool contained = true;
        bool jailed = false;
        JailIdentity? inside = null;
        List<JailEnd> ends = [];
        VmDefinition? definition = null;
        Advance(ref json, JsonTokenType.StartObject);
        while (Next(ref json) == JsonTokenType.PropertyName)
        {
            string name = json.GetString()!;
            switch (name)
            {
                case "version":
                    Next(ref json);
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
                case "serialFile":
                    serialFile = Text(ref json);
                    break;
                case "pidFile":
                    pidFile = Text(ref json);
                    break;
                case "controlSockets":
                    ReadTexts(ref json, controlSockets);
                    break;
                case "kernelStart":
                    kernelStart = Next(ref json) == JsonTokenType.Number && json.TryGetInt64(out long start) && start >= 0
                        ? start
                        : throw new JsonException("A kernel begins at an offset.");
                    break;
                case "paused":
                    paused = Next(ref json) == JsonTokenType.True;
                    break;
                case "contained":
                    contained = Next(ref json) != JsonTokenType.False;
                    break;
                case "jailed":
                    jailed = Next(ref json) == JsonTokenType.True;
                    break;
                case "ends":
                    ReadEnds(ref json, ends);
                    break;
                case "insideProcess":
                    inside = (inside ?? Nobody) with { ProcessId = (int)Number(ref json, int.MaxValue) };
                    break;
                case "insideTicks":
                    inside = (inside ?? Nobody) with { ProcessStartTicks = Number(ref json, ulong.MaxValue) };
                    break;
                case "insideUser":
                    inside = (inside ?? Nobody) with { User = (uint)Number(ref json, uint.MaxValue) };
                    break;
                case "insideLease":
                    inside = (inside ?? Nobody) with { Lease = (int)Number(ref json, int.MaxValue) };
                    break;
                case "definition":
                    definition = ResolvedDefinitionReader.Read(ref json);
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
                SerialFile = serialFile,
                PidFile = pidFile,
                ControlSockets = controlSockets,
                KernelStart = kernelStart,
                Paused = paused,
                Contained = contained,
                Jailed = jailed,
                Ends = ends,
                Inside = inside,
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
        Next(ref json) == JsonTokenType.String ? json.GetString()! : throw new JsonException("A path is a string.");

    // By turns the device's name, a descriptor of it, and an MTU, or 0.
    private static void ReadEnds(ref Utf8JsonReader json, List<JailEnd> ends)
    {
        Advance(ref json, JsonTokenType.StartArray);
        while (Next(ref json) == JsonTokenType.String)
        {
            string device = json.GetString()!;
            int descriptor = (int)Number(ref json, int.MaxValue);
            int mtu = (int)Number(ref json, int.MaxValue);
            ends.Add(new JailEnd(device, descriptor, mtu == 0 ? null : mtu));
        }

        if (json.TokenType != JsonTokenType.EndArray)
        {
            throw new JsonException("A descriptor belongs to a device.");
        }
    }

    private static void ReadTexts(ref Utf8JsonReader json, List<string> texts)
    {
        if (Next(ref json) != JsonTokenType.StartArray)
        {
            throw new JsonException("Paths come in a list.");
        }

        while (Next(ref json) == JsonTokenType.String)
        {
            texts.Add(json.GetString()!);
        }

        if (json.TokenType != JsonTokenType.EndArray)
        {
            throw new JsonException("A path is a string.");
        }
    }

    private static ulong Number(ref Utf8JsonReader json, ulong most) =>
        Next(ref json) == JsonTokenType.Number && json.TryGetUInt64(out ulong number) && number <= most
            ? number
            : throw new JsonException("A process is known by numbers.");

    private static JsonException Missing(string name) => new($"The order has no '{name}'.");
}
