using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace StratoVirt.Definitions.Changes;

/// <summary>Finds the place of a change in a definition's JSON, and changes it.</summary>
internal static class ChangeTarget
{
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Applies one change.</summary>
    /// <exception cref="ArgumentException">The item it is about is not there.</exception>
    internal static void Apply(JsonObject root, DefinitionChange change)
    {
        JsonObject owner = root;
        ReadOnlySpan<ChangeStep> steps = change.Place.Steps.AsSpan();
        foreach (ChangeStep step in steps[..^1])
        {
            owner = step.Item is null ? owner[step.Key]!.AsObject() : Require(owner[step.Key]!.AsArray(), step.Item, change);
        }

        (string key, string? item) = (steps[^1].Key, steps[^1].Item);
        JsonNode? value = change.After is null ? null : JsonNode.Parse(change.After);
        if (change.Kind == ChangeKind.Reorder)
        {
            Reorder(owner[key]!.AsArray(), value!.AsArray(), change);
        }
        else if (item is not null)
        {
            JsonArray list = owner[key]!.AsArray();
            if (change.Kind == ChangeKind.Add)
            {
                list.Add(value);
            }
            else
            {
                list.Remove(Require(list, item, change));
            }
        }
        else if (value is null)
        {
            owner.Remove(key);
        }
        else
        {
            owner[key] = value;
        }
    }

    /// <summary>What an item of a list is called.</summary>
    internal static string NameOf(JsonNode? item) => item!["name"]!.GetValue<string>();

    /// <summary>A value as compact JSON; null for none.</summary>
    internal static string? ToText(JsonNode? value)
    {
        if (value is null)
        {
            return null;
        }

        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Readable))
        {
            value.WriteTo(writer);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    internal static JsonArray ToArray(IEnumerable<string> names) => new([.. names.Select(name => (JsonNode?)name)]);

    private static JsonObject Require(JsonArray list, string name, DefinitionChange change) =>
        Find(list, name) ?? throw new ArgumentException($"There is no '{name}' for the change {change}.", nameof(change));

    private static JsonObject? Find(JsonArray list, string name) =>
        list.FirstOrDefault(item => NameOf(item).Equals(name, StringComparison.OrdinalIgnoreCase))?.AsObject();

    private static void Reorder(JsonArray list, JsonArray order, DefinitionChange change)
    {
        JsonObject[] moved = [.. order.Select(name => Require(list, name!.GetValue<string>(), change))];
        foreach (JsonObject item in moved)
        {
            list.Remove(item);
        }

        for (int i = 0; i < moved.Length; i++)
        {
            list.Insert(i, moved[i]);
        }
    }
}
