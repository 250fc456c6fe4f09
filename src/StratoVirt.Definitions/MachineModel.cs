using System.Text.Json.Serialization;
using StratoVirt.Definitions.Json;

namespace StratoVirt.Definitions;

/// <summary>The machine models a definition can ask for.</summary>
[JsonConverter(typeof(WordConverter<MachineModel>))]
public enum MachineModel
{
    /// <summary>The light machine: no firmware, direct kernel boot, PCI for devices added while it runs only. Written <c>microvm</c>.</summary>
    [JsonStringEnumMemberName("microvm")]
    MicroVm,
}
