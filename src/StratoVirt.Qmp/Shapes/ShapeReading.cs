using System.Runtime.InteropServices;
using System.Text.Json;
using StratoVirt.Qmp.Messages;

namespace StratoVirt.Qmp.Shapes;

/// <summary>Reads what the other side sent.</summary>
internal static class ShapeReading
{
    /// <summary>Reads a client's arguments, all of which have to be known.</summary>
    /// <param name="shape">What takes them.</param>
    /// <param name="arguments">An object; undefined stands for an empty one.</param>
    /// <param name="within">Where they are in the command's own arguments; empty when they are these.</param>
    /// <exception cref="QmpException">They do not fit.</exception>
    public static object ReadArguments(this Shape shape, JsonElement arguments, string within = "")
    {
        JsonElement given = arguments.ValueKind == JsonValueKind.Undefined ? JsonElement.Parse("{}"u8) : arguments;
        return shape.ReadAt(new Place(within, isStrict: true), given);
    }

    /// <summary>Reads what a server said; there may be more in it than is known here.</summary>
    /// <exception cref="QmpException">It does not fit.</exception>
    public static object ReadResult(this Shape shape, JsonElement result) =>
        shape.ReadAt(new Place("return", isStrict: false), result);

    /// <summary>Reads a value at a place of a message.</summary>
    /// <exception cref="QmpException">It does not fit.</exception>
    public static object ReadAt(this Shape shape, Place place, JsonElement value) =>
        JsonUnicode.IsSound(JsonMarshal.GetRawUtf8Value(value)) ? shape.Read(value, place) : throw place.Unfit();
}
