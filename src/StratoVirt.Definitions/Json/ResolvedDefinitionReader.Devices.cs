using System.Text.Json;
using StratoVirt.Definitions.Devices;
using StratoVirt.Definitions.Diagnostics;

namespace StratoVirt.Definitions.Json;

public static partial class ResolvedDefinitionReader
{
    /// <summary>Reads a device of a kind of <see cref="DeviceJson"/>. No rule is checked.</summary>
    /// <exception cref="UnfitJsonException">It is no such device.</exception>
    internal static DeviceSpec ReadDevice(string kind, ref Utf8JsonReader json) => kind switch
    {
        "disk" => Disk(ref json),
        "network" => Network(ref json),
        "port" => Port(ref json),
        "share" => Share(ref json),
        "persistent-memory" => PersistentMemory(ref json),
        "memory" => MemoryDevice(ref json),
        "entropy" => Entropy(ref json),
        "balloon" => Balloon(ref json),
        "vsock" => Vsock(ref json),
        _ => throw new UnfitJsonException(
            DiagnosticId.WrongType,
            "there is no such kind. There are: disk, network, port, share, persistent-memory, memory, entropy, balloon, vsock."),
    };

    private static DiskSpec Disk(ref Utf8JsonReader json)
    {
        var disk = new DiskSpec { Name = null!, Path = null! };
        Open(ref json);
        while (NextMember(ref json) is { } member)
        {
            disk = member switch
            {
                "name" => disk with { Name = Text(ref json) },
                "path" => disk with { Path = Text(ref json) },
                "readOnly" => disk with { ReadOnly = Switch(ref json) },
                "serial" => disk with { Serial = Text(ref json) },
                "blockSize" => disk with { BlockSize = Number(ref json) },
                "queues" => disk with { Queues = Number(ref json) },
                "cache" => disk with { Cache = Cache(ref json) },
                "engine" => disk with { Engine = Engine(ref json) },
                "discard" => disk with { Discard = Switch(ref json) },
                "rateLimit" => disk with { RateLimit = RateLimit(ref json) },
                "rateGroup" => disk with { RateGroup = Text(ref json) },
                _ => throw Unknown(member),
            };
        }

        Require(disk.Name, "name");
        Require(disk.Path, "path");
        return disk;
    }

    private static NetworkSpec Network(ref Utf8JsonReader json)
    {
        var network = new NetworkSpec { Name = null! };
        Open(ref json);
        while (NextMember(ref json) is { } member)
        {
            network = member switch
            {
                "name" => network with { Name = Text(ref json) },
                "tap" => network with { Tap = Text(ref json) },
                "tapDescriptor" => network with { TapDescriptor = Number(ref json) },
                "user" => network with { User = Switch(ref json) },
                "forward" => network with { Forward = Text(ref json) },
                "mac" => network with { Mac = Text(ref json) },
                "mtu" => network with { Mtu = Number(ref json) },
                "queues" => network with { Queues = Number(ref json) },
                "vhost" => network with { Vhost = Switch(ref json) },
                "linkUp" => network with { LinkUp = Switch(ref json) },
                "receiveLimit" => network with { ReceiveLimit = RateLimit(ref json) },
                "sendLimit" => network with { SendLimit = RateLimit(ref json) },
                "rateGroup" => network with { RateGroup = Text(ref json) },
                _ => throw Unknown(member),
            };
        }

        Require(network.Name, "name");
        return network;
    }

    private static ConsolePortSpec Port(ref Utf8JsonReader json)
    {
        var port = new ConsolePortSpec { Name = null! };
        Open(ref json);
        while (NextMember(ref json) is { } member)
        {
            port = member switch
            {
                "name" => port with { Name = Text(ref json) },
                "console" => port with { Console = Switch(ref json) },
                "socket" => port with { Socket = Text(ref json) },
                "file" => port with { File = Text(ref json) },
                "pipe" => port with { Pipe = Text(ref json) },
                _ => throw Unknown(member),
            };
        }

        Require(port.Name, "name");
        return port;
    }

    private static ShareSpec Share(ref Utf8JsonReader json)
    {
        var share = new ShareSpec { Name = null!, Path = null! };
        Open(ref json);
        while (NextMember(ref json) is { } member)
        {
            share = member switch
            {
                "name" => share with { Name = Text(ref json) },
                "path" => share with { Path = Text(ref json) },
                "readOnly" => share with { ReadOnly = Switch(ref json) },
                _ => throw Unknown(member),
            };
        }

        Require(share.Name, "name");
        Require(share.Path, "path");
        return share;
    }

    private static PersistentMemorySpec PersistentMemory(ref Utf8JsonReader json)
    {
        var persistentMemory = new PersistentMemorySpec { Name = null!, Path = null! };
        Open(ref json);
        while (NextMember(ref json) is { } member)
        {
            persistentMemory = member switch
            {
                "name" => persistentMemory with { Name = Text(ref json) },
                "path" => persistentMemory with { Path = Text(ref json) },
                "readOnly" => persistentMemory with { ReadOnly = Switch(ref json) },
                _ => throw Unknown(member),
            };
        }

        Require(persistentMemory.Name, "name");
        Require(persistentMemory.Path, "path");
        return persistentMemory;
    }

    private static MemoryDeviceSpec MemoryDevice(ref Utf8JsonReader json)
    {
        var memoryDevice = new MemoryDeviceSpec { Name = null!, Maximum = default };
        Open(ref json);
        while (NextMember(ref json) is { } member)
        {
            memoryDevice = member switch
            {
                "name" => memoryDevice with { Name = Text(ref json) },
                "maximum" => memoryDevice with { Maximum = Size(ref json) },
                "size" => memoryDevice with { Size = Size(ref json) },
                "blockSize" => memoryDevice with { BlockSize = Size(ref json) },
                _ => throw Unknown(member),
            };
        }

        Require(memoryDevice.Name, "name");
        return memoryDevice;
    }

    private static EntropySpec Entropy(ref Utf8JsonReader json)
    {
        var entropy = new EntropySpec();
        Open(ref json);
        while (NextMember(ref json) is { } member)
        {
            entropy = member switch
            {
                "name" => entropy with { Name = Text(ref json) },
                "source" => entropy with { Source = Text(ref json) },
                "rateLimit" => entropy with { RateLimit = RateLimit(ref json) },
                _ => throw Unknown(member),
            };
        }

        return entropy;
    }

    private static BalloonSpec Balloon(ref Utf8JsonReader json)
    {
        var balloon = new BalloonSpec();
        Open(ref json);
        while (NextMember(ref json) is { } member)
        {
            balloon = member switch
            {
                "name" => balloon with { Name = Text(ref json) },
                "size" => balloon with { Size = Size(ref json) },
                "deflateOnOom" => balloon with { DeflateOnOom = Switch(ref json) },
                "freePageReporting" => balloon with { FreePageReporting = Switch(ref json) },
                "statisticsInterval" => balloon with { StatisticsInterval = Number(ref json) },
                _ => throw Unknown(member),
            };
        }

        return balloon;
    }

    private static VsockSpec Vsock(ref Utf8JsonReader json)
    {
        var vsock = new VsockSpec();
        Open(ref json);
        while (NextMember(ref json) is { } member)
        {
            vsock = member switch
            {
                "name" => vsock with { Name = Text(ref json) },
                "cid" => vsock with { Cid = Number(ref json) },
                "socket" => vsock with { Socket = Text(ref json) },
                _ => throw Unknown(member),
            };
        }

        return vsock;
    }

    private static RateGroupSpec RateGroup(ref Utf8JsonReader json)
    {
        var rateGroup = new RateGroupSpec { Name = null!, Limit = null! };
        Open(ref json);
        while (NextMember(ref json) is { } member)
        {
            rateGroup = member switch
            {
                "name" => rateGroup with { Name = Text(ref json) },
                "limit" => rateGroup with { Limit = RateLimit(ref json) },
                _ => throw Unknown(member),
            };
        }

        Require(rateGroup.Name, "name");
        Require(rateGroup.Limit, "limit");
        return rateGroup;
    }

    private static RateLimitSpec RateLimit(ref Utf8JsonReader json)
    {
        var rateLimit = new RateLimitSpec();
        Open(ref json);
        while (NextMember(ref json) is { } member)
        {
            rateLimit = member switch
            {
                "bandwidth" => rateLimit with { Bandwidth = Size(ref json) },
                "bandwidthBurst" => rateLimit with { BandwidthBurst = Size(ref json) },
                "operations" => rateLimit with { Operations = Number(ref json) },
                "operationsBurst" => rateLimit with { OperationsBurst = Number(ref json) },
                _ => throw Unknown(member),
            };
        }

        return rateLimit;
    }

    private static DiskCache Cache(ref Utf8JsonReader json) => Text(ref json) switch
    {
        "buffered" => DiskCache.Buffered,
        "direct" => DiskCache.Direct,
        string other => throw Unknown(other),
    };

    private static DiskEngine Engine(ref Utf8JsonReader json) => Text(ref json) switch
    {
        "ioUring" => DiskEngine.IoUring,
        "threads" => DiskEngine.Threads,
        string other => throw Unknown(other),
    };
}
