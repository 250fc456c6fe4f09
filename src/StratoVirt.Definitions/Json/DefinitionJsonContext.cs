using System.Text.Json.Serialization;

namespace StratoVirt.Definitions.Json;

/// <summary>The records' shape as data: names, types and what is required. The binder, the schema and the writers of
/// YAML all work from it, so a new property appears in each of them.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    WriteIndented = true)]
[JsonSerializable(typeof(VmDefinition))]
internal sealed partial class DefinitionJsonContext : JsonSerializerContext;
