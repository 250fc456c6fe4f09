using System.Text.Json;
using StratoVirt.Qmp.Commands;

namespace StratoVirt.Qmp.Shapes;

/// <summary>Notes what members there are.</summary>
/// <param name="schema">Told of their shapes.</param>
internal sealed class MemberLister(SchemaBuilder schema) : Members
{
    private static readonly JsonElement Null = JsonElement.Parse("null"u8);

    private readonly List<SchemaMember> _found = [];

    /// <summary>The members, in the order they are handed over; those that have no name are not among them.</summary>
    public IReadOnlyList<SchemaMember> Found => _found;

    public override Dictionary<string, JsonElement>? Rest(Dictionary<string, JsonElement>? value) => null;

    protected override object? Carry(string name, Shape shape, object? value, bool isRequired)
    {
        _found.Add(new SchemaMember { Name = name, Type = schema.Refer(shape), Default = isRequired ? null : Null });
        return null;
    }
}
