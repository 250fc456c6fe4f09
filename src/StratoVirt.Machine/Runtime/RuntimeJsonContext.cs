using System.Text.Json.Serialization;

namespace StratoVirt.Machine.Runtime;

/// <summary>The form of the <c>owner</c> and <c>end</c> files.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, UseStringEnumConverter = true)]
[JsonSerializable(typeof(RuntimeOwner))]
[JsonSerializable(typeof(RuntimeEnd))]
internal sealed partial class RuntimeJsonContext : JsonSerializerContext;
