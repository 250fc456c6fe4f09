using System.Text.Json;
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

namespace StratoVirt.Control.Commands;

/// <summary>The counters of every family of devices, by the names of the family's own type; a test holds the two together.</summary>
internal static class DeviceCounters
{
    /// <summary>A device's counters as an object.</summary>
    public static JsonElement ToJson(object metrics) => JsonValues.Build(json =>
    {
        json.WriteStartObject();
        Write(json, metrics);
        json.WriteEndObject();
    });

    private static void Write(Utf8JsonWriter json, object metrics)
    {
        switch (metrics)
        {
            case BlockMetrics block:
                Write(json, block);
                break;
            case NetMetrics net:
                Write(json, net);
                break;
            case ConsolePortStatus port:
                Write(json, port);
                break;
            case EntropyMetrics entropy:
                Write(json, entropy);
                break;
            case BalloonReport balloon:
                Write(json, balloon);
                break;
            case VsockMetrics vsock:
                Write(json, vsock);
                break;
            case FileSystemMetrics share:
                json.WriteNumber(nameof(share.Calls), share.Calls);
                json.WriteBoolean(nameof(share.IsServed), share.IsServed);
                break;
            case PersistentMemoryMetrics memory:
                json.WriteNumber(nameof(memory.Flushes), memory.Flushes);
                json.WriteNumber(nameof(memory.Failures), memory.Failures);
                json.WriteString(nameof(memory.LastError), memory.LastError);
                break;
            case MemoryMetrics memory:
                Write(json, memory);
                break;
            default:
                throw new NotSupportedException($"{metrics.GetType()} has no form on the control socket yet.");
        }
    }

    private static void Write(Utf8JsonWriter json, BlockMetrics block)
    {
        json.WriteNumber(nameof(block.Reads), block.Reads);
        json.WriteNumber(nameof(block.Writes), block.Writes);
        json.WriteNumber(nameof(block.BytesRead), block.BytesRead);
        json.WriteNumber(nameof(block.BytesWritten), block.BytesWritten);
        json.WriteNumber(nameof(block.Flushes), block.Flushes);
        json.WriteNumber(nameof(block.Unmaps), block.Unmaps);
        json.WriteNumber(nameof(block.Errors), block.Errors);
        json.WriteNumber(nameof(block.Delayed), block.Delayed);
        json.WriteNumber(nameof(block.Merged), block.Merged);
        if (block.LastError is not { } error)
        {
            json.WriteNull(nameof(block.LastError));
            return;
        }

        json.WriteStartObject(nameof(block.LastError));
        json.WriteString(nameof(error.Operation), error.Operation.ToString());
        json.WriteNumber(nameof(error.Offset), error.Offset);
        json.WriteNumber(nameof(error.Length), error.Length);
        json.WriteString(nameof(error.Errno), error.Errno.ToString());
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, NetMetrics net)
    {
        json.WriteNumber(nameof(net.ReceivedFrames), net.ReceivedFrames);
        json.WriteNumber(nameof(net.ReceivedBytes), net.ReceivedBytes);
        json.WriteNumber(nameof(net.ReceiveDrops), net.ReceiveDrops);
        json.WriteNumber(nameof(net.ReceiveStalls), net.ReceiveStalls);
        json.WriteNumber(nameof(net.SentFrames), net.SentFrames);
        json.WriteNumber(nameof(net.SentBytes), net.SentBytes);
        json.WriteNumber(nameof(net.SendDrops), net.SendDrops);
        json.WriteNumber(nameof(net.SendErrors), net.SendErrors);
        json.WriteNumber(nameof(net.SendStalls), net.SendStalls);
        json.WriteNumber(nameof(net.Delayed), net.Delayed);
        json.WriteString(nameof(net.LastError), net.LastError.ToString());
    }

    private static void Write(Utf8JsonWriter json, ConsolePortStatus port)
    {
        json.WriteNumber(nameof(port.Number), port.Number);
        json.WriteString(nameof(port.Name), port.Name);
        json.WriteBoolean(nameof(port.IsConsole), port.IsConsole);
        json.WriteBoolean(nameof(port.IsReady), port.IsReady);
        json.WriteBoolean(nameof(port.IsGuestOpen), port.IsGuestOpen);
        json.WriteBoolean(nameof(port.IsHostConnected), port.IsHostConnected);
        json.WriteString(nameof(port.Problem), port.Problem);
        json.WriteNumber(nameof(port.TransmittedBytes), port.TransmittedBytes);
        json.WriteNumber(nameof(port.ReceivedBytes), port.ReceivedBytes);
        json.WriteNumber(nameof(port.DroppedBytes), port.DroppedBytes);
    }

    private static void Write(Utf8JsonWriter json, EntropyMetrics entropy)
    {
        json.WriteNumber(nameof(entropy.Requests), entropy.Requests);
        json.WriteNumber(nameof(entropy.Bytes), entropy.Bytes);
        json.WriteNumber(nameof(entropy.Throttled), entropy.Throttled);
        json.WriteNumber(nameof(entropy.Dry), entropy.Dry);
        json.WriteNumber(nameof(entropy.Empty), entropy.Empty);
    }

    private static void Write(Utf8JsonWriter json, VsockMetrics vsock)
    {
        json.WriteNumber(nameof(vsock.Connections), vsock.Connections);
        json.WriteNumber(nameof(vsock.Opened), vsock.Opened);
        json.WriteNumber(nameof(vsock.Refused), vsock.Refused);
        json.WriteNumber(nameof(vsock.PacketsToGuest), vsock.PacketsToGuest);
        json.WriteNumber(nameof(vsock.PacketsFromGuest), vsock.PacketsFromGuest);
        json.WriteNumber(nameof(vsock.BytesToGuest), vsock.BytesToGuest);
        json.WriteNumber(nameof(vsock.BytesFromGuest), vsock.BytesFromGuest);
        json.WriteNumber(nameof(vsock.BadPackets), vsock.BadPackets);
    }

    private static void Write(Utf8JsonWriter json, MemoryMetrics memory)
    {
        json.WriteNumber(nameof(memory.RequestedBytes), memory.RequestedBytes);
        json.WriteNumber(nameof(memory.PluggedBytes), memory.PluggedBytes);
        json.WriteNumber(nameof(memory.PlugRequests), memory.PlugRequests);
        json.WriteNumber(nameof(memory.UnplugRequests), memory.UnplugRequests);
        json.WriteNumber(nameof(memory.Refused), memory.Refused);
    }

    private static void Write(Utf8JsonWriter json, BalloonReport balloon)
    {
        json.WriteNumber(nameof(balloon.TargetBytes), balloon.TargetBytes);
        json.WriteNumber(nameof(balloon.ActualBytes), balloon.ActualBytes);
        if (balloon.Statistics is { } statistics)
        {
            json.WriteStartObject(nameof(balloon.Statistics));
            Write(json, statistics);
            json.WriteEndObject();
        }
        else
        {
            json.WriteNull(nameof(balloon.Statistics));
        }

        json.WriteStartObject(nameof(balloon.Counters));
        Write(json, balloon.Counters);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, BalloonMetrics counters)
    {
        json.WriteNumber(nameof(counters.InflatedPages), counters.InflatedPages);
        json.WriteNumber(nameof(counters.DeflatedPages), counters.DeflatedPages);
        json.WriteNumber(nameof(counters.ReportedBytes), counters.ReportedBytes);
        json.WriteNumber(nameof(counters.HintedBytes), counters.HintedBytes);
        json.WriteNumber(nameof(counters.ReleasedBytes), counters.ReleasedBytes);
        json.WriteNumber(nameof(counters.RefusedBytes), counters.RefusedBytes);
        json.WriteNumber(nameof(counters.BadPages), counters.BadPages);
        json.WriteNumber(nameof(counters.StatisticsReports), counters.StatisticsReports);
        json.WriteNumber(nameof(counters.BadRequests), counters.BadRequests);
    }

    private static void Write(Utf8JsonWriter json, BalloonStatistics statistics)
    {
        json.WriteString(nameof(statistics.ReceivedAt), statistics.ReceivedAt);
        WriteOptional(json, nameof(statistics.SwapIn), statistics.SwapIn);
        WriteOptional(json, nameof(statistics.SwapOut), statistics.SwapOut);
        WriteOptional(json, nameof(statistics.MajorFaults), statistics.MajorFaults);
        WriteOptional(json, nameof(statistics.MinorFaults), statistics.MinorFaults);
        WriteOptional(json, nameof(statistics.FreeMemory), statistics.FreeMemory);
        WriteOptional(json, nameof(statistics.TotalMemory), statistics.TotalMemory);
        WriteOptional(json, nameof(statistics.AvailableMemory), statistics.AvailableMemory);
        WriteOptional(json, nameof(statistics.DiskCaches), statistics.DiskCaches);
        WriteOptional(json, nameof(statistics.HugePageAllocations), statistics.HugePageAllocations);
        WriteOptional(json, nameof(statistics.HugePageFailures), statistics.HugePageFailures);
        WriteOptional(json, nameof(statistics.OutOfMemoryKills), statistics.OutOfMemoryKills);
        WriteOptional(json, nameof(statistics.AllocationStalls), statistics.AllocationStalls);
        WriteOptional(json, nameof(statistics.AsyncScans), statistics.AsyncScans);
        WriteOptional(json, nameof(statistics.DirectScans), statistics.DirectScans);
        WriteOptional(json, nameof(statistics.AsyncReclaims), statistics.AsyncReclaims);
        WriteOptional(json, nameof(statistics.DirectReclaims), statistics.DirectReclaims);
    }

    private static void WriteOptional(Utf8JsonWriter json, string name, ulong? count)
    {
        if (count is { } number)
        {
            json.WriteNumber(name, number);
        }
        else
        {
            json.WriteNull(name);
        }
    }
}
