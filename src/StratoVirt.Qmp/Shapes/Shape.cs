using System.Text.Json;
using StratoVirt.Qmp.Commands;

namespace StratoVirt.Qmp.Shapes;

/// <summary>
/// What a value of a command or an event is in JSON: how it is read, written and described to clients. By hand, because a
/// serializer's metadata would be half of the program that serves. Values pass as objects, so that one piece of code
/// serves all of a kind.
/// </summary>
/// <param name="name">Its name in the schema.</param>
internal abstract class Shape(string name)
{
    /// <summary>Its name in the schema.</summary>
    public string Name => name;

    /// <summary>Reads a value.</summary>
    /// <param name="value">The value.</param>
    /// <param name="place">Where it is.</param>
    /// <exception cref="Messages.QmpException">It does not fit.</exception>
    public abstract object Read(JsonElement value, Place place);

    /// <summary>Writes a value.</summary>
    public abstract void Write(Utf8JsonWriter writer, object value);

    /// <summary>Its entry in the schema.</summary>
    /// <param name="schema">Told of the shapes within.</param>
    public abstract SchemaInfo Describe(SchemaBuilder schema);
}

/// <summary>A shape whose values are of a type. Only the compiler sees it: in the program it is the shape, without a copy of
/// anything for each type.</summary>
/// <typeparam name="T">The type.</typeparam>
/// <param name="untyped">The shape.</param>
internal readonly struct Shape<T>(Shape untyped)
{
    /// <summary>The shape.</summary>
    public Shape Untyped => untyped;
}
