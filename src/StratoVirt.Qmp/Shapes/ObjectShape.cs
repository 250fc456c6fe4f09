using System.Text.Json;
using StratoVirt.Qmp.Commands;

namespace StratoVirt.Qmp.Shapes;

/// <summary>
/// An object: a record, told by one function that hands each member over. The same function reads, writes and lists the
/// members, as <see cref="Members"/> has it, so what clients are told of a record is what is read and written.
/// </summary>
/// <param name="name">Its name in the schema.</param>
/// <param name="carry">Makes a record of the members that are handed to it, after handing over those of the record given,
/// which is null when there is none yet.</param>
internal sealed class ObjectShape(string name, Func<Members, object?, object> carry) : Shape(name)
{
    public override object Read(JsonElement value, Place place)
    {
        place.Require(value, JsonValueKind.Object, "object");
        var members = new MemberReader(value, place);
        object record = carry(members, null);
        members.RequireNoMore();
        return record;
    }

    public override void Write(Utf8JsonWriter writer, object value)
    {
        writer.WriteStartObject();
        _ = carry(new MemberWriter(writer), value);
        writer.WriteEndObject();
    }

    public override SchemaInfo Describe(SchemaBuilder schema)
    {
        var members = new MemberLister(schema);
        _ = carry(members, null);
        return new SchemaInfo { Name = Name, MetaType = SchemaMetaType.Object, Members = members.Found };
    }
}
