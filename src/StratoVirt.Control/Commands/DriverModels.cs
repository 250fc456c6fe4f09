using StratoVirt.Definitions;
using StratoVirt.Definitions.Devices;
using StratoVirt.Qmp.Commands;
using StratoVirt.Qmp.Messages;

namespace StratoVirt.Control.Commands;

/// <summary>The drivers of <c>device_add</c>, by the names that QEMU and StratoVirt give them.</summary>
internal static class DriverModels
{
    private const int MillisecondsPerSecond = 1000;

    private static readonly string[] AnyBus = ["-pci", "-device", "-mmio"];
    private static readonly string[] NoBus = [string.Empty];

    // Slots are dealt out; StratoVirt's clients name one all the same, of those that are there from the start.
    private static readonly ObjectPropertyInfo Address = Property("addr", "str", "ignored for -mmio and -device; refused for -pci");

    /// <summary>All of them.</summary>
    public static IReadOnlyList<DriverModel> All { get; } =
    [
        new(
            "virtio-blk",
            AnyBus,
            [
                Property("drive", "str", "node name of blockdev-add"),
                Property("serial", "str", "up to 20 characters"),
                Property("num-queues", "uint16", "request queues"),
                Property("logical_block_size", "size", "512 or 4096"),
                Address,
            ],
            BuildDisk),
        new(
            "virtio-net",
            AnyBus,
            [
                Property("netdev", "str", "id of netdev_add"),
                Property("mac", "str", "Ethernet 6-byte MAC address"),
                Property("host_mtu", "uint16", "MTU told to the guest"),
                Address,
            ],
            BuildNetwork),
        new(
            "virtio-rng",
            AnyBus,
            [
                Property("max-bytes", "uint64", "bytes in each period; needs period"),
                Property("period", "uint32", "milliseconds"),
                Address,
            ],
            BuildEntropy),
        new(
            "virtio-balloon",
            AnyBus,
            [
                Property("deflate-on-oom", "bool", "on/off"),
                Property("free-page-reporting", "bool", "on/off"),
                Address,
            ],
            arguments => new BalloonSpec
            {
                Name = arguments.Name,
                DeflateOnOom = arguments.Flag("deflate-on-oom") ?? false,
                FreePageReporting = arguments.Flag("free-page-reporting") ?? false,
            }),
        new(
            "vhost-vsock",
            AnyBus,
            [Property("guest-cid", "uint64", "from 3 on; carried by a Unix socket, not by the kernel"), Address],
            arguments => new VsockSpec
            {
                Name = arguments.Name,
                Cid = arguments.Count("guest-cid") ?? throw QmpException.Generic("guest-cid property must be greater than 2"),
            }),
        new(
            "virtconsole",
            NoBus,
            [Property("chardev", "str", "id of chardev-add")],
            arguments => CharacterHandlers.ToSpec(arguments.Name, true, arguments.Take(arguments.Context.Chardevs, "chardev"))),
        new(
            "virtserialport",
            NoBus,
            [Property("chardev", "str", "id of chardev-add"), Property("name", "str", "has to be the id")],
            BuildPort),
    ];

    /// <summary>The driver of a name; null when there is none.</summary>
    public static DriverModel? Find(string name) => All.FirstOrDefault(model => model.Names.Contains(name, StringComparer.Ordinal));

    /// <summary>The base name of the driver of a device.</summary>
    public static string BaseOf(DeviceSpec device) => device switch
    {
        DiskSpec => "virtio-blk",
        NetworkSpec => "virtio-net",
        ConsolePortSpec { Console: true } => "virtconsole",
        ConsolePortSpec => "virtserialport",
        EntropySpec => "virtio-rng",
        BalloonSpec => "virtio-balloon",
        VsockSpec => "vhost-vsock",
        ShareSpec => "vhost-user-fs",
        PersistentMemorySpec => "virtio-pmem",
        _ => "virtio-mem",
    };

    private static DiskSpec BuildDisk(DriverArguments arguments)
    {
        ImageOptions image = arguments.Take(arguments.Context.Images, "drive");
        return new DiskSpec
        {
            Name = arguments.Name,
            Path = image.Path,
            ReadOnly = image.ReadOnly,
            Cache = image.Cache,
            Discard = image.Discard,
            Engine = image.Engine,
            Serial = arguments.Text("serial"),
            Queues = arguments.Count("num-queues"),
            BlockSize = arguments.Count("logical_block_size") ?? new DiskSpec { Name = arguments.Name, Path = image.Path }.BlockSize,
        };
    }

    private static NetworkSpec BuildNetwork(DriverArguments arguments)
    {
        Netdev host = arguments.Take(arguments.Context.Netdevs, "netdev");
        return host.ToSpec(arguments.Name) with { Mac = arguments.Text("mac"), Mtu = arguments.Count("host_mtu") };
    }

    private static EntropySpec BuildEntropy(DriverArguments arguments)
    {
        if (arguments.Number("max-bytes") is not { } bytes)
        {
            return new EntropySpec { Name = arguments.Name };
        }

        long period = arguments.Number("period") ?? throw QmpException.Generic("'period' parameter expects a positive integer");
        return period > 0 && bytes <= long.MaxValue / MillisecondsPerSecond
            ? new EntropySpec
            {
                Name = arguments.Name,
                RateLimit = new RateLimitSpec { Bandwidth = new ByteSize((ulong)Math.Max(1, bytes * MillisecondsPerSecond / period)) },
            }
            : throw QmpException.Generic("'period' parameter expects a positive integer");
    }

    private static ConsolePortSpec BuildPort(DriverArguments arguments) =>
        arguments.Text("name") is { } name && name != arguments.Name
            ? throw QmpException.Generic("A port is called by its id inside the guest; give 'name' the value of 'id'")
            : CharacterHandlers.ToSpec(arguments.Name, false, arguments.Take(arguments.Context.Chardevs, "chardev"));

    private static ObjectPropertyInfo Property(string name, string type, string description) =>
        new() { Name = name, Type = type, Description = description };
}
