using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using StratoVirt.Qmp.Shapes;

namespace StratoVirt.Qmp.Messages;

/// <summary>Writes QMP's messages, each with the line end that QEMU puts behind it.</summary>
internal static class MessageWriter
{
    // What is written goes to a program, never into a page: only what JSON itself asks for is escaped.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>What a server says first.</summary>
    public static void Greeting(IBufferWriter<byte> output, VersionInfo version)
    {
        using Utf8JsonWriter writer = Begin(output);
        writer.WriteStartObject("QMP"u8);
        writer.WritePropertyName("version"u8);
        VersionInfo.Shape.Untyped.Write(writer, version);
        writer.WriteStartArray("capabilities"u8);
        writer.WriteEndArray();
        writer.WriteEndObject();
        End(writer, output);
    }

    /// <summary>A command's result.</summary>
    public static void Return(IBufferWriter<byte> output, object result, Shape shape, byte[]? id)
    {
        using Utf8JsonWriter writer = Begin(output);
        writer.WritePropertyName("return"u8);
        shape.Write(writer, result);
        WriteId(writer, id);
        End(writer, output);
    }

    /// <summary>Why a command was not carried out.</summary>
    public static void Error(IBufferWriter<byte> output, QmpException error, byte[]? id)
    {
        using Utf8JsonWriter writer = Begin(output);
        WriteId(writer, id);
        writer.WriteStartObject("error"u8);
        writer.WriteString("class"u8, error.ErrorClass);
        writer.WriteString("desc"u8, error.Message);
        if (error.Id is { } stable)
        {
            writer.WriteString("x-stratovirt-id"u8, stable);
        }

        if (error.RecommendedAction is { } action)
        {
            writer.WriteString("x-stratovirt-action"u8, action);
        }

        writer.WriteEndObject();
        End(writer, output);
    }

    /// <summary>Something that happened.</summary>
    public static void Event(IBufferWriter<byte> output, string name, DateTimeOffset time, object data, Shape? shape)
    {
        using Utf8JsonWriter writer = Begin(output);
        writer.WriteStartObject("timestamp"u8);
        writer.WriteNumber("seconds"u8, time.ToUnixTimeSeconds());
        writer.WriteNumber("microseconds"u8, time.Ticks % TimeSpan.TicksPerSecond / TimeSpan.TicksPerMicrosecond);
        writer.WriteEndObject();
        writer.WriteString("event"u8, name);
        if (shape is not null)
        {
            writer.WritePropertyName("data"u8);
            shape.Write(writer, data);
        }

        End(writer, output);
    }

    /// <summary>A client's request.</summary>
    public static void Request(IBufferWriter<byte> output, string command, object arguments, Shape? shape, ulong id)
    {
        using Utf8JsonWriter writer = Begin(output);
        writer.WriteString("execute"u8, command);
        if (shape is not null)
        {
            writer.WritePropertyName("arguments"u8);
            shape.Write(writer, arguments);
        }

        writer.WriteNumber("id"u8, id);
        End(writer, output);
    }

    private static Utf8JsonWriter Begin(IBufferWriter<byte> output)
    {
        var writer = new Utf8JsonWriter(output, Options);
        writer.WriteStartObject();
        return writer;
    }

    private static void End(Utf8JsonWriter writer, IBufferWriter<byte> output)
    {
        writer.WriteEndObject();
        writer.Flush();
        output.Write("\r\n"u8);
    }

    private static void WriteId(Utf8JsonWriter writer, byte[]? id)
    {
        if (id is not null)
        {
            writer.WritePropertyName("id"u8);
            writer.WriteRawValue(id, skipInputValidation: true);
        }
    }
}
