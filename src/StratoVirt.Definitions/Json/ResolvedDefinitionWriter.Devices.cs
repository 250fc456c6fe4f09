using System.Text.Json;
using StratoVirt.Definitions.Devices;

namespace StratoVirt.Definitions.Json;

internal static partial class ResolvedDefinitionWriter
{
    /// <summary>Writes a device's settings.</summary>
    public static void Write(Utf8JsonWriter json, DeviceSpec device)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, device.Name);
        switch (device)
        {
            case DiskSpec disk:
                Write(json, disk);
                break;
            case NetworkSpec network:
                Write(json, network);
                break;
            case ConsolePortSpec port:
                json.WriteBoolean("console"u8, port.Console);
                Text(json, "socket"u8, port.Socket);
                Text(json, "file"u8, port.File);
                Text(json, "pipe"u8, port.Pipe);
                break;
            case ShareSpec share:
                json.WriteString("path"u8, share.Path);
                json.WriteBoolean("readOnly"u8, share.ReadOnly);
                break;
            case PersistentMemorySpec memory:
                json.WriteString("path"u8, memory.Path);
                json.WriteBoolean("readOnly"u8, memory.ReadOnly);
                break;
            case MemoryDeviceSpec memory:
                Size(json, "maximum"u8, memory.Maximum);
                Size(json, "size"u8, memory.Size);
                Size(json, "blockSize"u8, memory.BlockSize);
                break;
            case EntropySpec entropy:
                Text(json, "source"u8, entropy.Source);
                Limit(json, "rateLimit"u8, entropy.RateLimit);
                break;
            case BalloonSpec balloon:
                Size(json, "size"u8, balloon.Size);
                json.WriteBoolean("deflateOnOom"u8, balloon.DeflateOnOom);
                json.WriteBoolean("freePageReporting"u8, balloon.FreePageReporting);
                json.WriteNumber("statisticsInterval"u8, balloon.StatisticsInterval);
                break;
            case VsockSpec vsock:
                json.WriteNumber("cid"u8, vsock.Cid);
                Text(json, "socket"u8, vsock.Socket);
                break;
            default:
                throw new ArgumentException($"{device.GetType().Name} is no device of a machine.", nameof(device));
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, DiskSpec disk)
    {
        json.WriteString("path"u8, disk.Path);
        json.WriteBoolean("readOnly"u8, disk.ReadOnly);
        Text(json, "serial"u8, disk.Serial);
        json.WriteNumber("blockSize"u8, disk.BlockSize);
        Number(json, "queues"u8, disk.Queues);
        json.WriteString("cache"u8, disk.Cache == DiskCache.Direct ? "direct"u8 : "buffered"u8);
        if (disk.Engine is { } engine)
        {
            json.WriteString("engine"u8, engine == DiskEngine.IoUring ? "ioUring"u8 : "threads"u8);
        }

        json.WriteBoolean("discard"u8, disk.Discard);
        Limit(json, "rateLimit"u8, disk.RateLimit);
        Text(json, "rateGroup"u8, disk.RateGroup);
    }

    private static void Write(Utf8JsonWriter json, NetworkSpec network)
    {
        Text(json, "tap"u8, network.Tap);
        Number(json, "tapDescriptor"u8, network.TapDescriptor);
        json.WriteBoolean("user"u8, network.User);
        Text(json, "forward"u8, network.Forward);
        Text(json, "mac"u8, network.Mac);
        Number(json, "mtu"u8, network.Mtu);
        json.WriteNumber("queues"u8, network.Queues);
        json.WriteBoolean("vhost"u8, network.Vhost);
        json.WriteBoolean("linkUp"u8, network.LinkUp);
        Limit(json, "receiveLimit"u8, network.ReceiveLimit);
        Limit(json, "sendLimit"u8, network.SendLimit);
        Text(json, "rateGroup"u8, network.RateGroup);
    }

    private static void Limit(Utf8JsonWriter json, ReadOnlySpan<byte> name, RateLimitSpec? limit)
    {
        if (limit is null)
        {
            return;
        }

        json.WriteStartObject(name);
        Size(json, "bandwidth"u8, limit.Bandwidth);
        Size(json, "bandwidthBurst"u8, limit.BandwidthBurst);
        Number(json, "operations"u8, limit.Operations);
        Number(json, "operationsBurst"u8, limit.OperationsBurst);
        json.WriteEndObject();
    }
}
