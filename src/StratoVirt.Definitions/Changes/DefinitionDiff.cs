using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using StratoVirt.Definitions.Documents;
using StratoVirt.Definitions.Json;

namespace StratoVirt.Definitions.Changes;

/// <summary>
/// The differences of two definitions. They are found along the records' shape, so a new key is compared as soon as it
/// exists; items of lists go by their names. Definitions are taken to be valid.
/// </summary>
public static class DefinitionDiff
{
    /// <summary>What makes one definition the other, for a machine that was started with the first.</summary>
    public static ImmutableArray<DefinitionChange> Between(VmDefinition before, VmDefinition after) =>
        Between(new LiveMachine(before), after);

    /// <summary>What makes a machine that runs into what a definition says.</summary>
    /// <returns>The changes in an order in which they can be applied; empty when there are none.</returns>
    public static ImmutableArray<DefinitionChange> Between(LiveMachine live, VmDefinition after)
    {
        ArgumentNullException.ThrowIfNull(live);
        ArgumentNullException.ThrowIfNull(after);
        var changes = new List<DefinitionChange>();
        CompareMappings(DefinitionShape.Root, ToJson(live.Definition), ToJson(after), ChangePath.Root, null, changes);
        return [.. changes.Select(change => change with { Effect = ChangeRules.Judge(change, live, after) })];
    }

    /// <summary>The definition with changes applied, in their order. All of <see cref="Between(VmDefinition, VmDefinition)"/>
    /// give the other definition; some of them, one that has some of its settings.</summary>
    /// <exception cref="ArgumentException">A change is about an item the definition does not have.</exception>
    public static VmDefinition Apply(VmDefinition definition, IEnumerable<DefinitionChange> changes)
    {
        ArgumentNullException.ThrowIfNull(changes);
        JsonObject json = ToJson(definition);
        foreach (DefinitionChange change in changes)
        {
            ChangeTarget.Apply(json, change);
        }

        return json.Deserialize(DefinitionJsonContext.Default.VmDefinition)!;
    }

    private static JsonObject ToJson(VmDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        return JsonSerializer.SerializeToNode(definition, DefinitionJsonContext.Default.VmDefinition)!.AsObject();
    }

    private static void CompareMappings(
        JsonTypeInfo type, JsonObject before, JsonObject after, ChangePath place, string? device, List<DefinitionChange> changes)
    {
        foreach (JsonPropertyInfo property in type.Properties)
        {
            ChangePath inner = place.Key(property.Name);
            (JsonNode? left, JsonNode? right) = (before[property.Name], after[property.Name]);
            JsonTypeInfo propertyType = DefinitionShape.TypeOf(property);
            string? about = device ?? SingleDevice(propertyType, left ?? right);
            switch (DefinitionShape.KindOf(propertyType), left, right)
            {
                case (ValueKind.Mapping, JsonObject one, JsonObject other):
                    CompareMappings(propertyType, one, other, inner, about, changes);
                    break;
                case (ValueKind.Labels, JsonObject one, JsonObject other):
                    CompareLabels(one, other, inner, changes);
                    break;
                case (ValueKind.List, JsonArray one, JsonArray other):
                    CompareLists(DefinitionShape.ItemOf(propertyType), one, other, inner, changes);
                    break;
                default:
                    CompareValues(left, right, inner, about, changes);
                    break;
            }
        }
    }

    private static void CompareLabels(JsonObject before, JsonObject after, ChangePath place, List<DefinitionChange> changes)
    {
        foreach (string key in before.Select(label => label.Key).Union(after.Select(label => label.Key), StringComparer.Ordinal))
        {
            CompareValues(before[key], after[key], place.Key(key), null, changes);
        }
    }

    private static void CompareLists(JsonTypeInfo type, JsonArray before, JsonArray after, ChangePath place, List<DefinitionChange> changes)
    {
        bool areDevices = typeof(Devices.DeviceSpec).IsAssignableFrom(type.Type);
        var old = before.ToDictionary(ChangeTarget.NameOf, item => item!.AsObject(), StringComparer.OrdinalIgnoreCase);
        var @new = after.ToDictionary(ChangeTarget.NameOf, item => item!.AsObject(), StringComparer.OrdinalIgnoreCase);
        string[] kept = [.. before.Select(ChangeTarget.NameOf).Where(@new.ContainsKey)];
        string[] added = [.. after.Select(ChangeTarget.NameOf).Where(name => !old.ContainsKey(name))];
        foreach (string name in before.Select(ChangeTarget.NameOf).Where(name => !@new.ContainsKey(name)))
        {
            CompareValues(old[name], null, place.Item(name), areDevices ? name : null, changes);
        }

        foreach (string name in kept)
        {
            CompareMappings(type, old[name], @new[name], place.Item(name), areDevices ? name : null, changes);
        }

        foreach (string name in added)
        {
            CompareValues(null, @new[name], place.Item(name), areDevices ? name : null, changes);
        }

        // Those kept in the case they have now.
        string[] present = [.. kept.Select(name => ChangeTarget.NameOf(@new[name])), .. added];
        string[] wanted = [.. after.Select(ChangeTarget.NameOf)];
        if (!present.SequenceEqual(wanted))
        {
            changes.Add(new DefinitionChange
            {
                Kind = ChangeKind.Reorder,
                Place = place,
                Before = ChangeTarget.ToText(ChangeTarget.ToArray(present)),
                After = ChangeTarget.ToText(ChangeTarget.ToArray(wanted)),
            });
        }
    }

    private static void CompareValues(JsonNode? before, JsonNode? after, ChangePath place, string? device, List<DefinitionChange> changes)
    {
        if (!JsonNode.DeepEquals(before, after))
        {
            changes.Add(new DefinitionChange
            {
                Kind = before is null ? ChangeKind.Add : after is null ? ChangeKind.Remove : ChangeKind.Set,
                Place = place,
                Before = ChangeTarget.ToText(before),
                After = ChangeTarget.ToText(after),
                Device = device,
            });
        }
    }

    /// <summary>The name of a device that a machine has one of.</summary>
    private static string? SingleDevice(JsonTypeInfo type, JsonNode? value) =>
        value is not null && typeof(Devices.DeviceSpec).IsAssignableFrom(type.Type) ? ChangeTarget.NameOf(value) : null;
}
