using System.Text.Json.Serialization;
using StratoVirt.Definitions.Devices;

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
[JsonSerializable(typeof(DiskSpec))]
[JsonSerializable(typeof(NetworkSpec))]
[JsonSerializable(typeof(ConsolePortSpec))]
[JsonSerializable(typeof(ShareSpec))]
[JsonSerializable(typeof(PersistentMemorySpec))]
[JsonSerializable(typeof(MemoryDeviceSpec))]
[JsonSerializable(typeof(RateGroupSpec))]
internal sealed partial class DefinitionJsonContext : JsonSerializerContext;
