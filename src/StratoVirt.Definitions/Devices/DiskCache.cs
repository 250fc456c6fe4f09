using System.Text.Json.Serialization;
using StratoVirt.Definitions.Json;

namespace StratoVirt.Definitions.Devices;

/// <summary>How the host's page cache is used.</summary>
[JsonConverter(typeof(WordConverter<DiskCache>))]
public enum DiskCache
{
    /// <summary>Through the host's page cache; a guest's flush makes it durable. Written <c>buffered</c>.</summary>
    [JsonStringEnumMemberName("buffered")]
    Buffered,

    /// <summary>Past the host's page cache (O_DIRECT). Written <c>direct</c>.</summary>
    [JsonStringEnumMemberName("direct")]
    Direct,
}
