using System.Text.Json;

namespace StratoVirt.Qmp.Shapes;

/// <summary>
/// The members of an object on their way between a record and JSON. Each is handed over with its name and its value, and
/// comes back: as it was when it is written, out of the message when it is read, empty when members are only listed.
/// </summary>
internal abstract class Members
{
    /// <summary>Text.</summary>
    public string Text(string name, string? value) => (string)Carry(name, Scalars.Text.Untyped, value, true)!;

    /// <summary>Text, or nothing.</summary>
    public string? OptionalText(string name, string? value) => (string?)Carry(name, Scalars.Text.Untyped, value, false);

    /// <summary>Bytes.</summary>
    public byte[] Bytes(string name, byte[]? value) => (byte[])Carry(name, Scalars.Bytes, value, true)!;

    /// <summary>A time.</summary>
    public DateTimeOffset Time(string name, DateTimeOffset? value) => ValueOr<DateTimeOffset>(Carry(name, Scalars.Time, value, true));

    /// <summary>A time, or nothing.</summary>
    public DateTimeOffset? OptionalTime(string name, DateTimeOffset? value) => (DateTimeOffset?)Carry(name, Scalars.Time, value, false);

    /// <summary>A boolean.</summary>
    public bool Flag(string name, bool? value) => Carry(name, Scalars.Flag, value, true) is true;

    /// <summary>A boolean, or nothing.</summary>
    public bool? OptionalFlag(string name, bool? value) => (bool?)Carry(name, Scalars.Flag, value, false);

    /// <summary>A whole number.</summary>
    public int Int32(string name, int? value) => ValueOr<int>(Carry(name, Scalars.Int32, value, true));

    /// <summary>A whole number, or nothing.</summary>
    public int? OptionalInt32(string name, int? value) => (int?)Carry(name, Scalars.Int32, value, false);

    /// <summary>A whole number.</summary>
    public uint UInt32(string name, uint? value) => ValueOr<uint>(Carry(name, Scalars.UInt32, value, true));

    /// <summary>A whole number.</summary>
    public long Int64(string name, long? value) => ValueOr<long>(Carry(name, Scalars.Int64, value, true));

    /// <summary>A whole number, or nothing.</summary>
    public long? OptionalInt64(string name, long? value) => (long?)Carry(name, Scalars.Int64, value, false);

    /// <summary>A whole number.</summary>
    public ulong UInt64(string name, ulong? value) => ValueOr<ulong>(Carry(name, Scalars.UInt64, value, true));

    /// <summary>A whole number, or nothing.</summary>
    public ulong? OptionalUInt64(string name, ulong? value) => (ulong?)Carry(name, Scalars.UInt64, value, false);

    /// <summary>Any JSON value.</summary>
    public JsonElement Anything(string name, JsonElement? value) => ValueOr<JsonElement>(Carry(name, Scalars.Anything.Untyped, value, true));

    /// <summary>Any JSON value, or nothing.</summary>
    public JsonElement? OptionalAnything(string name, JsonElement? value) => (JsonElement?)Carry(name, Scalars.Anything.Untyped, value, false);

    /// <summary>One of a few words.</summary>
    public T Word<T>(string name, T? value, Shape<T> words)
        where T : struct, Enum => ValueOr<T>(Carry(name, words.Untyped, value, true));

    /// <summary>One of a few words, or nothing.</summary>
    public T? OptionalWord<T>(string name, T? value, Shape<T> words)
        where T : struct, Enum => Carry(name, words.Untyped, value, false) is { } word ? (T)word : null;

    /// <summary>A record.</summary>
    public T Record<T>(string name, T? value, Shape<T> shape)
        where T : class => (T)Carry(name, shape.Untyped, value, true)!;

    /// <summary>A record, or nothing.</summary>
    public T? OptionalRecord<T>(string name, T? value, Shape<T> shape)
        where T : class => (T?)Carry(name, shape.Untyped, value, false);

    /// <summary>A list.</summary>
    public IReadOnlyList<T> List<T>(string name, IReadOnlyList<T>? value, Shape<T> item)
        where T : class => (IReadOnlyList<T>)Carry(name, ListShape.Of(item).Untyped, value, true)!;

    /// <summary>A list, or nothing.</summary>
    public IReadOnlyList<T>? OptionalList<T>(string name, IReadOnlyList<T>? value, Shape<T> item)
        where T : class => (IReadOnlyList<T>?)Carry(name, ListShape.Of(item).Untyped, value, false);

    /// <summary>All members that were not handed over before; null for none.</summary>
    public abstract Dictionary<string, JsonElement>? Rest(Dictionary<string, JsonElement>? value);

    /// <summary>Hands a member over.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="value">Its value in the record; null when there is no record, or no value.</param>
    /// <param name="isRequired">Whether it has to be there.</param>
    /// <returns>Its value; null when there is none.</returns>
    protected abstract object? Carry(string name, Shape shape, object? value, bool isRequired);

    // Listing has no values; an enumeration's comes as its number.
    private static T ValueOr<T>(object? value)
        where T : struct => value is null ? default : (T)value;
}
