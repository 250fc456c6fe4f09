using System.Text.Json;
using StratoVirt.Qmp.Commands;

namespace StratoVirt.Qmp.Shapes;

/// <summary>Shapes of lists.</summary>
internal static class ListShape
{
    /// <summary>A list of values of a shape.</summary>
    public static Shape<IReadOnlyList<T>> Of<T>(Shape<T> item)
        where T : class => new(new ListShape<T>(item.Untyped));
}

/// <summary>A list.</summary>
/// <typeparam name="T">Its items.</typeparam>
/// <param name="item">Their shape.</param>
internal sealed class ListShape<T>(Shape item) : Shape($"[{item.Name}]")
    where T : class
{
    public override object Read(JsonElement value, Place place)
    {
        place.Require(value, JsonValueKind.Array, "array");
        var items = new T[value.GetArrayLength()];
        int index = 0;
        foreach (JsonElement member in value.EnumerateArray())
        {
            items[index] = (T)item.Read(member, place.Item(index));
            index++;
        }

        return items;
    }

    public override void Write(Utf8JsonWriter writer, object value)
    {
        var items = (IReadOnlyList<T>)value;
        writer.WriteStartArray();
        for (int i = 0; i < items.Count; i++)
        {
            item.Write(writer, items[i]);
        }

        writer.WriteEndArray();
    }

    public override SchemaInfo Describe(SchemaBuilder schema) =>
        new() { Name = Name, MetaType = SchemaMetaType.Array, ElementType = schema.Refer(item) };
}
