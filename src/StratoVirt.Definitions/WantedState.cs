using System.Text.Json.Serialization;
using StratoVirt.Definitions.Json;

namespace StratoVirt.Definitions;

/// <summary>What is wanted of a machine by whoever keeps it in step with its document (<c>Sync-StratoVm</c>). Nothing
/// else acts on it: importing a document starts, stops and removes nothing.</summary>
[JsonConverter(typeof(WordConverter<WantedState>))]
public enum WantedState
{
    /// <summary>It is there; whether it runs is left as it is. Written <c>present</c>.</summary>
    [JsonStringEnumMemberName("present")]
    Present,

    /// <summary>It is there and runs. Written <c>running</c>.</summary>
    [JsonStringEnumMemberName("running")]
    Running,

    /// <summary>It is there and does not run. Written <c>stopped</c>.</summary>
    [JsonStringEnumMemberName("stopped")]
    Stopped,

    /// <summary>It is not there. Written <c>absent</c>.</summary>
    [JsonStringEnumMemberName("absent")]
    Absent,
}
