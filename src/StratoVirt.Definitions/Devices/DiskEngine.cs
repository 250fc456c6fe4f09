using System.Text.Json.Serialization;
using StratoVirt.Definitions.Json;

namespace StratoVirt.Definitions.Devices;

/// <summary>How disk I/O is carried out.</summary>
[JsonConverter(typeof(WordConverter<DiskEngine>))]
public enum DiskEngine
{
    /// <summary>io_uring. Written <c>ioUring</c>.</summary>
    [JsonStringEnumMemberName("ioUring")]
    IoUring,

    /// <summary>A few threads. Written <c>threads</c>.</summary>
    [JsonStringEnumMemberName("threads")]
    Threads,
}
