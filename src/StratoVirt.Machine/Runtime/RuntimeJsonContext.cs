using System.Text.Json.Serialization;

namespace StratoVirt.Machine.Runtime;

/// <summary>The form of the <c>owner</c> file.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(RuntimeOwner))]
internal sealed partial class RuntimeJsonContext : JsonSerializerContext;
