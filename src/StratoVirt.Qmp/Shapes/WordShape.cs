using System.Text.Json;
using StratoVirt.Qmp.Commands;

namespace StratoVirt.Qmp.Shapes;

/// <summary>One of a few words. As an object it is a number, which is what a member of an enumeration is.</summary>
/// <param name="name">Its name in the schema.</param>
/// <param name="words">The words, in the order of the enumeration's members, which are numbered from 0 on.</param>
internal sealed class WordShape(string name, params string[] words) : Shape(name)
{
    public override object Read(JsonElement value, Place place)
    {
        string text = place.TextOf(value);
        int found = Array.IndexOf(words, text);
        return found >= 0 ? found : throw place.WrongValue(text);
    }

    public override void Write(Utf8JsonWriter writer, object value) => writer.WriteStringValue(words[(int)value]);

    public override SchemaInfo Describe(SchemaBuilder schema) => new()
    {
        Name = Name,
        MetaType = SchemaMetaType.Enum,
        Members = Array.ConvertAll(words, word => new SchemaMember { Name = word }),
        Values = words,
    };
}
