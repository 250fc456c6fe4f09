using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using StratoVirt.Definitions.Devices;
using StratoVirt.Definitions.Json;

namespace StratoVirt.Definitions.Documents;

/// <summary>
/// What a setting is when the document leaves it out: the records' own initial values. They are asked for here because
/// source-generated deserialisation overwrites the initial value of an init-only property that the JSON lacks.
/// </summary>
internal static class DefinitionDefaults
{
    private static readonly FrozenDictionary<Type, JsonObject> ByType = Collect();

    /// <summary>The default of one optional property; null when it is absence.</summary>
    internal static JsonNode? For(Type type, string property) => ByType[type][property]?.DeepClone();

    private static FrozenDictionary<Type, JsonObject> Collect()
    {
        var found = new Dictionary<Type, JsonObject>();
        var nothingSet = new VmDefinition
        {
            Metadata = new VmMetadata { Name = "vm" },
            Spec = new VmSpec { Boot = new BootSpec() },
        };
        JsonTypeInfo<VmDefinition> root = DefinitionJsonContext.Default.VmDefinition;
        Visit(root, JsonSerializer.SerializeToNode(nothingSet, root)!.AsObject(), found);
        foreach (object example in (object[])
            [
                new DiskSpec { Name = "d", Path = "/" },
                new NetworkSpec { Name = "n" },
                new ConsolePortSpec { Name = "p" },
                new ShareSpec { Name = "s", Path = "/" },
                new PersistentMemorySpec { Name = "p", Path = "/" },
                new MemoryDeviceSpec { Name = "m", Maximum = default },
                new EntropySpec(),
                new BalloonSpec(),
                new VsockSpec(),
                new RateGroupSpec { Name = "g", Limit = new RateLimitSpec() },
                new RateLimitSpec(),
            ])
        {
            JsonTypeInfo type = DefinitionJsonContext.Default.GetTypeInfo(example.GetType())!;
            found[type.Type] = JsonSerializer.SerializeToNode(example, type)!.AsObject();
        }

        return found.ToFrozenDictionary();
    }

    private static void Visit(JsonTypeInfo type, JsonObject value, Dictionary<Type, JsonObject> found)
    {
        found.Add(type.Type, value);
        foreach (JsonPropertyInfo property in type.Properties)
        {
            JsonTypeInfo propertyType = DefinitionShape.TypeOf(property);
            if (propertyType.Kind == JsonTypeInfoKind.Object && value[property.Name] is JsonObject inner)
            {
                Visit(propertyType, inner, found);
            }
        }
    }
}
