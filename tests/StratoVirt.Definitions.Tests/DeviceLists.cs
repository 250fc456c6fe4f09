using CsCheck;
using StratoVirt.Definitions.Devices;

namespace StratoVirt.Definitions.Tests;

/// <summary>Any valid set of devices.</summary>
internal static class DeviceLists
{
    private static readonly Gen<string> Paths = Gen.String[Gen.Char["ab 01:#-'é"], 0, 12].Select(text => "/" + text);

    private static readonly Gen<RateLimitSpec> Limits = Gen.Select(Gen.ULong[1, 1UL << 40], Gen.Int[1, 1 << 20], Gen.Bool, Gen.Bool)
        .Select((bandwidth, operations, hasBandwidth, hasOperations) => new RateLimitSpec
        {
            Bandwidth = hasBandwidth ? new ByteSize(bandwidth) : null,
            BandwidthBurst = hasBandwidth && hasOperations ? new ByteSize(bandwidth / 2) : null,
            Operations = hasOperations ? operations : null,
        });

    private static readonly Gen<DiskSpec> Disks = Gen.Select(Paths, Gen.Bool, Gen.Bool, Gen.Int[1, 32].Nullable(), Limits.Null(), Gen.Bool)
        .Select((path, readOnly, large, queues, limit, direct) => new DiskSpec
        {
            Name = "d",
            Path = path,
            ReadOnly = readOnly,
            Discard = !readOnly,
            BlockSize = large ? 4096 : 512,
            Queues = queues,
            Serial = large ? "yes" : null,
            Cache = direct ? DiskCache.Direct : DiskCache.Buffered,
            Engine = direct ? DiskEngine.Threads : null,
            RateLimit = limit,
            RateGroup = large ? "group" : null,
        });

    private static readonly Gen<NetworkSpec> Networks = Gen.Select(Gen.Int[0, 2], Gen.Int[68, 65535].Nullable(), Gen.Int[1, 8], Limits.Null())
        .Select((kind, mtu, queues, limit) => new NetworkSpec
        {
            Name = "n",
            Tap = kind == 0 ? "tap-0" : null,
            TapDescriptor = kind == 1 ? 7 : null,
            User = kind == 2,
            Forward = kind == 2 ? "2222:22" : null,
            Mac = kind == 1 ? "52:54:00:12:34:56" : null,
            Mtu = mtu,
            Queues = kind == 0 ? queues : 1,
            Vhost = kind == 0 && queues == 3 && limit is null,
            LinkUp = queues < 4,
            SendLimit = limit,
        });

    private static readonly Gen<ConsolePortSpec> Ports = Gen.Select(Gen.Int[0, 3], Paths).Select((kind, path) => new ConsolePortSpec
    {
        Name = "p",
        Console = kind == 0,
        Socket = kind == 1 ? path : null,
        File = kind == 2 ? path : null,
        Pipe = kind == 3 ? path : null,
    });

    private static readonly Gen<MemoryDeviceSpec> Memories = Gen.Select(Gen.Int[1, 5], Gen.Int[1, 100], Gen.Int[0, 100])
        .Select((shift, most, size) => new MemoryDeviceSpec
        {
            Name = "m",
            BlockSize = ByteSize.FromMebibytes(1UL << shift),
            Maximum = ByteSize.FromMebibytes((ulong)most << shift),
            Size = ByteSize.FromMebibytes((ulong)Math.Min(size, most) << shift),
        });

    internal static readonly Gen<VmSpec> Any = Gen.Select(
            Gen.Select(Disks.List[0, 3], Networks.List[0, 3], Ports.List[0, 3], Memories.List[0, 2]), Paths, Gen.Bool, Gen.Int[0, 60])
        .Select((lists, path, extras, seconds) => new VmSpec
        {
            Boot = new BootSpec { BuiltIn = true },
            Disks = [.. lists.Item1.Select((disk, i) => disk with { Name = $"d{i}" })],
            Networks = [.. lists.Item2.Select((network, i) => network with { Name = $"n{i}" })],
            Ports = [.. lists.Item3.Select((port, i) => port with { Name = $"p{i}" })],
            MemoryDevices = [.. lists.Item4.Select((memory, i) => memory with { Name = $"m{i}" })],
            Shares = extras ? [new ShareSpec { Name = "share", Path = path, ReadOnly = true }] : [],
            PersistentMemory = extras ? [new PersistentMemorySpec { Name = "pmem", Path = path }] : [],
            Entropy = extras ? new EntropySpec { RateLimit = new RateLimitSpec { Operations = 5 } } : null,
            Balloon = extras ? new BalloonSpec { Name = "b", StatisticsInterval = seconds } : null,
            Vsock = extras ? new VsockSpec { Cid = 3 + seconds } : null,
            RateGroups = [new RateGroupSpec { Name = "group", Limit = new RateLimitSpec() }],
        });
}
