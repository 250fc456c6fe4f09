using System.Reflection;
using System.Text.Json;
using StratoVirt.Definitions;
using StratoVirt.Definitions.Devices;

namespace StratoVirt.PowerShell;

/// <summary>What a device's records say, in the types that PowerShell shows.</summary>
internal static class DeviceFacts
{
    /// <summary>What a device is.</summary>
    public static StratoDeviceKind KindOf(DeviceSpec spec) => spec switch
    {
        DiskSpec => StratoDeviceKind.Disk,
        NetworkSpec => StratoDeviceKind.Network,
        ConsolePortSpec => StratoDeviceKind.Port,
        ShareSpec => StratoDeviceKind.Share,
        PersistentMemorySpec => StratoDeviceKind.PersistentMemory,
        MemoryDeviceSpec => StratoDeviceKind.Memory,
        EntropySpec => StratoDeviceKind.Entropy,
        BalloonSpec => StratoDeviceKind.Balloon,
        _ => StratoDeviceKind.Vsock,
    };

    /// <summary>What stands behind a device on the host.</summary>
    public static string? BackendOf(DeviceSpec spec) => spec switch
    {
        DiskSpec disk => disk.Path,
        NetworkSpec { User: true } => "user",
        NetworkSpec network => network.Tap ?? $"fd {network.TapDescriptor}",
        ConsolePortSpec port => port.Socket ?? port.File ?? port.Pipe,
        ShareSpec share => share.Path,
        PersistentMemorySpec memory => memory.Path,
        EntropySpec entropy => entropy.Source,
        VsockSpec vsock => vsock.Socket,
        _ => null,
    };

    /// <summary>A record's settings by their names in a document; sizes in bytes, records within as tables.</summary>
    public static IReadOnlyDictionary<string, object?> Settings(object record) => Read(record, value => value switch
    {
        ByteSize size => size.Bytes,
        RateLimitSpec limit => Settings(limit),
        Enum word => word.ToString(),
        _ => value,
    });

    /// <summary>Counters by their names. Records within are tables.</summary>
    public static IReadOnlyDictionary<string, object?> Metrics(object metrics) => Read(metrics, value => value switch
    {
        null or string or bool or TimeSpan or DateTimeOffset => value,
        Enum word => word.ToString(),
        _ when value.GetType().IsPrimitive => value,
        System.Collections.IEnumerable list => list.Cast<object>().Select(item => item.GetType().IsPrimitive ? item : Metrics(item)).ToArray(),
        _ => Metrics(value),
    });

    /// <summary>Counters as another process tells them.</summary>
    public static IReadOnlyDictionary<string, object?> Metrics(JsonElement counters) => counters.EnumerateObject()
        .ToDictionary(counter => counter.Name, counter => Value(counter.Value), StringComparer.OrdinalIgnoreCase);

    private static object? Value(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number when value.TryGetUInt64(out ulong count) => count,
        JsonValueKind.Number when value.TryGetInt64(out long count) => count,
        JsonValueKind.Number => value.GetDouble(),
        JsonValueKind.True or JsonValueKind.False => value.GetBoolean(),
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Array => value.EnumerateArray().Select(Value).ToArray(),
        JsonValueKind.Object => Metrics(value),
        _ => null,
    };

    private static Dictionary<string, object?> Read(object record, Func<object?, object?> show) =>
        record.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.GetIndexParameters().Length == 0 && property.Name != "EqualityContract")
            .ToDictionary(property => property.Name, property => show(property.GetValue(record)), StringComparer.OrdinalIgnoreCase);
}
