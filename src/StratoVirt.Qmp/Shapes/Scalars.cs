using System.Text.Json;
using StratoVirt.Qmp.Commands;

namespace StratoVirt.Qmp.Shapes;

/// <summary>Values without parts.</summary>
internal static class Scalars
{
    private static readonly TextShape TextForm = new();
    private static readonly AnythingShape AnythingForm = new();

    /// <summary>Text.</summary>
    public static Shape<string> Text => new(TextForm);

    /// <summary>Bytes, in base64.</summary>
    public static Shape Bytes { get; } = new BytesShape();

    /// <summary>A time, as RFC 3339 writes it.</summary>
    public static Shape Time { get; } = new TimeShape();

    /// <summary>A boolean.</summary>
    public static Shape Flag { get; } = new FlagShape();

    /// <summary>Any JSON value.</summary>
    public static Shape<JsonElement> Anything => new(AnythingForm);

    /// <summary>A whole number of 32 bits.</summary>
    public static Shape Int32 { get; } = new IntegerShape(TypeCode.Int32);

    /// <summary>A whole number of 32 bits, not negative.</summary>
    public static Shape UInt32 { get; } = new IntegerShape(TypeCode.UInt32);

    /// <summary>A whole number of 64 bits.</summary>
    public static Shape Int64 { get; } = new IntegerShape(TypeCode.Int64);

    /// <summary>A whole number of 64 bits, not negative.</summary>
    public static Shape UInt64 { get; } = new IntegerShape(TypeCode.UInt64);

    private static SchemaInfo Builtin(Shape shape, string jsonType) =>
        new() { Name = shape.Name, MetaType = SchemaMetaType.Builtin, JsonType = jsonType };

    private sealed class TextShape() : Shape("str")
    {
        public override object Read(JsonElement value, Place place) => place.TextOf(value);

        public override void Write(Utf8JsonWriter writer, object value) => writer.WriteStringValue((string)value);

        public override SchemaInfo Describe(SchemaBuilder schema) => Builtin(this, "string");
    }

    private sealed class BytesShape() : Shape("str")
    {
        public override object Read(JsonElement value, Place place)
        {
            place.Require(value, JsonValueKind.String, "string");
            return value.TryGetBytesFromBase64(out byte[]? bytes) ? bytes : throw place.Unfit();
        }

        public override void Write(Utf8JsonWriter writer, object value) => writer.WriteBase64StringValue((byte[])value);

        public override SchemaInfo Describe(SchemaBuilder schema) => Builtin(this, "string");
    }

    private sealed class TimeShape() : Shape("str")
    {
        public override object Read(JsonElement value, Place place)
        {
            place.Require(value, JsonValueKind.String, "string");
            return value.TryGetDateTimeOffset(out DateTimeOffset time) ? time : throw place.Unfit();
        }

        public override void Write(Utf8JsonWriter writer, object value) => writer.WriteStringValue((DateTimeOffset)value);

        public override SchemaInfo Describe(SchemaBuilder schema) => Builtin(this, "string");
    }

    private sealed class FlagShape() : Shape("bool")
    {
        public override object Read(JsonElement value, Place place) => value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => throw place.WrongType("boolean"),
        };

        public override void Write(Utf8JsonWriter writer, object value) => writer.WriteBooleanValue((bool)value);

        public override SchemaInfo Describe(SchemaBuilder schema) => Builtin(this, "boolean");
    }

    private sealed class AnythingShape() : Shape("any")
    {
        // A copy: the message's memory is used for the next.
        public override object Read(JsonElement value, Place place) => value.Clone();

        public override void Write(Utf8JsonWriter writer, object value) => ((JsonElement)value).WriteTo(writer);

        public override SchemaInfo Describe(SchemaBuilder schema) => Builtin(this, "value");
    }

    private sealed class IntegerShape(TypeCode type) : Shape("int")
    {
        public override object Read(JsonElement value, Place place)
        {
            place.Require(value, JsonValueKind.Number, "integer");
            object? read = type switch
            {
                TypeCode.Int32 => value.TryGetInt32(out int number) ? number : null,
                TypeCode.UInt32 => value.TryGetUInt32(out uint number) ? number : null,
                TypeCode.Int64 => value.TryGetInt64(out long number) ? number : null,
                _ => value.TryGetUInt64(out ulong number) ? number : null,
            };
            return read ?? throw (value.TryGetInt64(out _) || value.TryGetUInt64(out _) ? place.Unfit() : place.WrongType("integer"));
        }

        public override void Write(Utf8JsonWriter writer, object value)
        {
            switch (value)
            {
                case int number:
                    writer.WriteNumberValue(number);
                    break;
                case uint number:
                    writer.WriteNumberValue(number);
                    break;
                case long number:
                    writer.WriteNumberValue(number);
                    break;
                default:
                    writer.WriteNumberValue((ulong)value);
                    break;
            }
        }

        public override SchemaInfo Describe(SchemaBuilder schema) => Builtin(this, "int");
    }
}
