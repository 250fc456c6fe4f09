using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using StratoVirt.Control.Commands;
using StratoVirt.Devices.Virtio.Balloon;
using StratoVirt.Devices.Virtio.Block;
using StratoVirt.Devices.Virtio.Console;
using StratoVirt.Devices.Virtio.Entropy;
using StratoVirt.Devices.Virtio.FileSystem;
using StratoVirt.Devices.Virtio.Memory;
using StratoVirt.Devices.Virtio.Net;
using StratoVirt.Devices.Virtio.PersistentMemory;
using StratoVirt.Devices.Virtio.Vsock;
using StratoVirt.Machine;

namespace StratoVirt.Control.Tests;

/// <summary>Counters are written by hand: what the records have, no less and under its own name.</summary>
public sealed class DeviceCountersTests
{
    private static readonly JsonSerializerOptions Reflected = new() { Converters = { new JsonStringEnumConverter() } };

    public static TheoryData<Type> Families =>
    [
        typeof(BlockMetrics), typeof(NetMetrics), typeof(ConsolePortStatus), typeof(EntropyMetrics), typeof(BalloonReport),
        typeof(VsockMetrics), typeof(FileSystemMetrics), typeof(PersistentMemoryMetrics), typeof(MemoryMetrics),
    ];

    [Theory]
    [MemberData(nameof(Families))]
    public void Every_counter_of_a_family_is_told(Type family)
    {
        for (int seed = 0; seed < 100; seed++)
        {
            object metrics = Any(family, new Random(seed))!;
            Assert.Equal(JsonSerializer.Serialize(metrics, Reflected), DeviceCounters.ToJson(metrics).GetRawText());
        }
    }

    private static object? Any(Type type, Random random) => Nullable.GetUnderlyingType(type) is { } plain
        ? random.Next(2) == 0 ? null : Any(plain, random)
        : type switch
        {
            _ when type == typeof(string) => random.Next(3) == 0 ? null : "text " + random.Next(),
            _ when type == typeof(bool) => random.Next(2) == 0,
            _ when type == typeof(DateTimeOffset) => DateTimeOffset.UnixEpoch.AddTicks(random.NextInt64(1L << 56)),
            { IsEnum: true } => Enum.ToObject(type, random.Next(3)),
            { IsPrimitive: true } => Convert.ChangeType(random.Next(), type, null),
            _ when type == typeof(BalloonStatistics) && random.Next(2) == 0 => null,
            _ => Record(type, random),
        };

    private static object Record(Type type, Random random)
    {
        ConstructorInfo made = type.GetConstructors().MaxBy(constructor => constructor.GetParameters().Length)!;
        object record = made.Invoke([.. made.GetParameters().Select(parameter => Any(parameter.ParameterType, random))]);
        foreach (PropertyInfo property in type.GetProperties().Where(property => property.CanWrite && made.GetParameters().Length == 0))
        {
            property.SetValue(record, Any(property.PropertyType, random));
        }

        return record;
    }
}
