using System.Text.Json;

namespace StratoVirt.Qmp.Shapes;

/// <summary>Takes members out of an object of a message.</summary>
/// <param name="source">The object.</param>
/// <param name="place">Where it is.</param>
internal sealed class MemberReader(JsonElement source, Place place) : Members
{
    private readonly List<string> _known = [];
    private bool _takesAll = !place.IsStrict;

    /// <summary>Refuses members that nobody has asked for.</summary>
    /// <exception cref="Messages.QmpException">There is one.</exception>
    public void RequireNoMore()
    {
        if (_takesAll)
        {
            return;
        }

        foreach (JsonProperty member in source.EnumerateObject())
        {
            if (!_known.Contains(member.Name))
            {
                throw place.Unexpected(member.Name);
            }
        }
    }

    public override Dictionary<string, JsonElement>? Rest(Dictionary<string, JsonElement>? value)
    {
        _takesAll = true;
        Dictionary<string, JsonElement>? rest = null;
        foreach (JsonProperty member in source.EnumerateObject())
        {
            if (!_known.Contains(member.Name))
            {
                rest ??= new(StringComparer.Ordinal);
                rest[member.Name] = member.Value.Clone();
            }
        }

        return rest;
    }

    protected override object? Carry(string name, Shape shape, object? value, bool isRequired)
    {
        _known.Add(name);
        if (source.TryGetProperty(name, out JsonElement member) && !(IsNothing(member, shape) && !isRequired))
        {
            return shape.Read(member, place.Member(name));
        }

        return isRequired ? throw place.Member(name).Missing() : null;
    }

    // Other servers may say null where we would say nothing.
    private bool IsNothing(JsonElement member, Shape shape) =>
        !place.IsStrict && member.ValueKind == JsonValueKind.Null && shape != Scalars.Anything.Untyped;
}
