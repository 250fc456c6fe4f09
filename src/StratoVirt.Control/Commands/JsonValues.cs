using System.Text.Json;
using System.Text.Json.Serialization;
using StratoVirt.Devices.Virtio.Block;
using StratoVirt.Devices.Virtio.Console;
using StratoVirt.Devices.Virtio.Entropy;
using StratoVirt.Devices.Virtio.FileSystem;
using StratoVirt.Devices.Virtio.Memory;
using StratoVirt.Devices.Virtio.Net;
using StratoVirt.Devices.Virtio.PersistentMemory;
using StratoVirt.Devices.Virtio.Vsock;
using StratoVirt.Machine;

namespace StratoVirt.Control.Commands;

/// <summary>Values as JSON.</summary>
internal static class JsonValues
{
    /// <summary>Text.</summary>
    public static JsonElement Text(string text) => JsonSerializer.SerializeToElement(text, ControlJsonContext.Default.String);

    /// <summary>A whole number.</summary>
    public static JsonElement Number(int number) => JsonSerializer.SerializeToElement(number, ControlJsonContext.Default.Int32);

    /// <summary>A device's counters, by the names of its family's own type.</summary>
    public static JsonElement Counters(object metrics) => JsonSerializer.SerializeToElement(
        metrics,
        ControlJsonContext.Default.GetTypeInfo(metrics.GetType())
            ?? throw new NotSupportedException($"{metrics.GetType()} has no form on the control socket yet."));
}

/// <summary>The counters of every family of devices.</summary>
[JsonSourceGenerationOptions(UseStringEnumConverter = true)]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(int))]
[JsonSerializable(typeof(BlockMetrics))]
[JsonSerializable(typeof(NetMetrics))]
[JsonSerializable(typeof(ConsolePortStatus))]
[JsonSerializable(typeof(EntropyMetrics))]
[JsonSerializable(typeof(BalloonReport))]
[JsonSerializable(typeof(VsockMetrics))]
[JsonSerializable(typeof(FileSystemMetrics))]
[JsonSerializable(typeof(PersistentMemoryMetrics))]
[JsonSerializable(typeof(MemoryMetrics))]
internal sealed partial class ControlJsonContext : JsonSerializerContext;
