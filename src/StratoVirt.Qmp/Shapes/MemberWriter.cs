using System.Text.Json;

namespace StratoVirt.Qmp.Shapes;

/// <summary>Writes members into an object. What has no value is left out.</summary>
/// <param name="writer">In the object.</param>
internal sealed class MemberWriter(Utf8JsonWriter writer) : Members
{
    public override Dictionary<string, JsonElement>? Rest(Dictionary<string, JsonElement>? value)
    {
        foreach ((string name, JsonElement member) in value ?? [])
        {
            writer.WritePropertyName(name);
            member.WriteTo(writer);
        }

        return value;
    }

    protected override object? Carry(string name, Shape shape, object? value, bool isRequired)
    {
        if (value is not null)
        {
            writer.WritePropertyName(name);
            shape.Write(writer, value);
        }

        return value;
    }
}
