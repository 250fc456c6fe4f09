using StratoVirt.Definitions;
using StratoVirt.Definitions.Devices;
using StratoVirt.Host.Serial;

namespace StratoVirt.Host.CommandLine;

/// <summary>Puts what the options said together: each device with the host ends it names, everything used once.</summary>
internal sealed class PlanComposer
{
    private readonly CommandSettings _settings;
    private readonly List<DiskSpec> _disks = [];
    private readonly List<NetworkSpec> _networks = [];
    private readonly List<ConsolePortSpec> _ports = [];
    private readonly List<MemoryDeviceSpec> _memory = [];
    private readonly List<PersistentMemorySpec> _persistent = [];
    private EntropySpec? _entropy;
    private BalloonSpec? _balloon;

    private PlanComposer(CommandSettings settings) => _settings = settings;

    /// <summary>What the options ask for.</summary>
    /// <param name="settings">The options; used up.</param>
    /// <param name="processId">Names a machine that has no name.</param>
    /// <exception cref="CommandLineException">Something does not fit together.</exception>
    public static CommandPlan Compose(CommandSettings settings, int processId) => new PlanComposer(settings).Compose(processId);

    private CommandPlan Compose(int processId)
    {
        string kernel = _settings.Kernel ?? throw new CommandLineException("-kernel is missing: a microvm boots nothing else.");
        foreach (KeyedText device in _settings.Devices)
        {
            AddDevice(device, device.Require("driver"));
        }

        SerialTarget serial = TakeSerial();
        string[] sockets = [.. _settings.ControlSockets, .. _settings.Monitors.ConvertAll(TakeMonitor)];
        foreach (((string family, string id), KeyedText part) in _settings.Parts)
        {
            if (part.Take("type") != "iothread")
            {
                throw new CommandLineException($"-{family}: '{id}' belongs to no device.");
            }
        }

        return new CommandPlan
        {
            Definition = new VmDefinition
            {
                Metadata = new VmMetadata { Name = _settings.Name ?? $"stratovirt-{processId}" },
                Spec = new VmSpec
                {
                    Cpus = _settings.Cpus,
                    Memory = _settings.Memory,
                    Boot = new BootSpec { Kernel = kernel, Initrd = _settings.Initrd, CommandLine = _settings.Append },
                    Disks = _disks,
                    Networks = _networks,
                    Ports = _ports,
                    MemoryDevices = _memory,
                    PersistentMemory = _persistent,
                    Entropy = _entropy,
                    Balloon = _balloon,
                },
            },
            Serial = serial,
            ControlSockets = sockets,
            Frozen = _settings.Frozen,
            Daemonize = _settings.Daemonize,
            PidFile = _settings.PidFile,
            LogFile = _settings.LogFile,
            DisableSeccomp = _settings.DisableSeccomp,
        };
    }

    private void AddDevice(KeyedText device, string driver)
    {
        // The guest finds devices in their order here; where they sit on a bus is not the user's to choose.
        device.Ignore("addr", "bus", "bootindex", "iothread", "multifunction");
        switch (driver)
        {
            case "virtio-blk-device":
                _disks.Add(Disk(device));
                break;
            case "virtio-net-device":
                _networks.Add(Network(device));
                break;
            case "virtio-serial-device":
                device.Ignore("id", "max_ports");
                break;
            case "virtconsole" or "virtserialport":
                _ports.Add(Port(device, driver == "virtconsole"));
                break;
            case "virtio-rng-device":
                _entropy = Entropy(device);
                break;
            case "virtio-balloon-device":
                _balloon = Balloon(device);
                break;
            case "virtio-mem-device":
                _memory.Add(Memory(device));
                break;
            case "virtio-pmem-device":
                _persistent.Add(PersistentMemory(device));
                break;
            default:
                throw device.Fault($"there is no device '{driver}' {Reason(driver)}");
        }

        device.Finish();
    }

    private static string Reason(string driver) => driver switch
    {
        _ when driver.EndsWith("-pci", StringComparison.Ordinal) =>
            $"at start: a microvm's first devices sit at registers of their own{KeyedText.Nearest($"{driver[..^4]}-device", Drivers)}",
        "vhost-vsock-device" => "here: sockets between guest and host are carried by Unix sockets, which a definition asks for (spec.vsock).",
        _ when driver.StartsWith("vhost-user", StringComparison.Ordinal) => "here; a directory is shared by a definition (spec.shares).",
        _ => $"here{KeyedText.Nearest(driver, Drivers)}",
    };

    private static readonly string[] Drivers =
    [
        "virtio-blk-device", "virtio-net-device", "virtio-serial-device", "virtconsole", "virtserialport",
        "virtio-rng-device", "virtio-balloon-device", "virtio-mem-device", "virtio-pmem-device",
    ];

    private DiskSpec Disk(KeyedText device)
    {
        KeyedText drive = _settings.TakePart(device, "drive", "drive");
        bool direct = drive.TakeSwitch("direct") ?? true;
        string? engine = drive.TakeWord("aio", "off", "native", "threads", "io_uring");
        drive.Refuse("if", "none", "a microvm has no firmware to keep in flash.");
        drive.Refuse("format", "raw", "images are raw.");
        drive.Refuse("media", "disk", "there is no CD-ROM.");
        drive.Ignore("detect-zeroes", "l2-cache-size", "refcount-cache-size", "unit", "snapshot");
        var spec = new DiskSpec
        {
            Name = device.Take("id") ?? $"disk{_disks.Count}",
            Path = drive.Require("file"),
            ReadOnly = drive.TakeSwitch("readonly") ?? false,
            Cache = direct ? DiskCache.Direct : DiskCache.Buffered,
            Engine = engine switch { "off" or "threads" => DiskEngine.Threads, "io_uring" => DiskEngine.IoUring, _ => null },
            Discard = drive.TakeWord("discard", "ignore", "off", "unmap", "on") is "unmap" or "on",
            Serial = device.Take("serial"),
            Queues = device.TakeNumber("num-queues"),
            RateLimit = drive.TakeNumber("throttling.iops-total") is { } operations ? new RateLimitSpec { Operations = operations } : null,
        };
        device.Ignore("queue-size");
        drive.Finish();
        return spec;
    }

    private NetworkSpec Network(KeyedText device)
    {
        KeyedText tap = _settings.TakePart(device, "netdev", "netdev");
        tap.Refuse("type", "tap", "only tap interfaces are.");
        tap.Refuse("script", "no", "interfaces are set up by whoever names them.");
        tap.Refuse("downscript", "no", "interfaces are taken down by whoever named them.");
        string? name = tap.Take("ifname");
        int? descriptor = tap.TakeNumber("fd");
        var spec = new NetworkSpec
        {
            Name = device.Take("id") ?? $"net{_networks.Count}",
            Tap = name,
            TapDescriptor = name is null ? descriptor ?? throw tap.Fault("'ifname' or 'fd' is missing.") : null,
            Mac = device.Take("mac"),
            Vhost = tap.TakeSwitch("vhost") ?? false,
            Queues = tap.TakeNumber("queues") is { } queues ? Math.Max(queues / 2, 1) : 1,
        };
        device.Ignore("mq", "queue-size", "rx-iothread", "tx-iothread", "romfile", "disable-modern");
        tap.Finish();
        return spec;
    }

    private ConsolePortSpec Port(KeyedText device, bool console)
    {
        KeyedText end = _settings.TakePart(device, "chardev", "chardev");
        string id = device.Take("id") ?? $"port{_ports.Count}";
        string? name = device.Take("name");
        device.Ignore("nr");
        string? type = end.TakeWord("type", "socket", "file", "pipe", "null");
        var spec = new ConsolePortSpec
        {
            // The guest finds a port by its name.
            Name = name ?? id,
            Console = console,
            Socket = type == "socket" ? ListeningSocket(end) : null,
            File = type == "file" ? end.Require("path") : null,
            Pipe = type == "pipe" ? end.Require("path") : null,
        };
        end.Finish();
        return spec;
    }

    private EntropySpec Entropy(KeyedText device)
    {
        KeyedText source = _settings.TakePart(device, "rng", "object");
        source.Refuse("type", "rng-random", "random numbers come from a device of the host.");
        int? bytes = device.TakeNumber("max-bytes");
        int period = device.TakeNumber("period") ?? 1000;
        var spec = new EntropySpec
        {
            Name = device.Take("id") ?? "rng",
            Source = source.Take("filename") is { } file && file is not ("/dev/urandom" or "/dev/random") ? file : null,
            RateLimit = bytes is { } most && period > 0
                ? new RateLimitSpec { Bandwidth = new ByteSize((ulong)most * 1000 / (ulong)period) }
                : null,
        };
        source.Finish();
        return spec;
    }

    private static BalloonSpec Balloon(KeyedText device)
    {
        device.Refuse("auto-balloon", "off", "it needs a driver that no guest kernel has.");
        return new BalloonSpec
        {
            Name = device.Take("id") ?? "balloon",
            DeflateOnOom = device.TakeSwitch("deflate-on-oom") ?? false,
            FreePageReporting = device.TakeSwitch("free-page-reporting") ?? false,
        };
    }

    private MemoryDeviceSpec Memory(KeyedText device)
    {
        KeyedText backend = _settings.TakePart(device, "memdev", "object");
        backend.Refuse("type", "memory-backend-ram", "memory that grows comes from the kernel.");
        backend.Ignore("dump-guest-core", "share", "mem-prealloc", "host-nodes", "policy");
        device.Ignore("memaddr", "node");
        var spec = new MemoryDeviceSpec
        {
            Name = device.Take("id") ?? $"mem{_memory.Count}",
            Maximum = backend.TakeSize("size") ?? throw backend.Fault("'size' is missing."),
            Size = device.TakeSize("requested-size") ?? default,
            BlockSize = device.TakeSize("block-size") ?? ByteSize.FromMebibytes(2),
        };
        backend.Finish();
        return spec;
    }

    private PersistentMemorySpec PersistentMemory(KeyedText device)
    {
        KeyedText backend = _settings.TakePart(device, "memdev", "object");
        backend.Refuse("type", "memory-backend-file", "memory that stays is a file.");
        backend.Ignore("size", "dump-guest-core", "mem-prealloc", "host-nodes", "policy");
        device.Ignore("memaddr");
        var spec = new PersistentMemorySpec
        {
            Name = device.Take("id") ?? $"pmem{_persistent.Count}",
            Path = backend.Require("mem-path"),
            ReadOnly = backend.TakeSwitch("share") == false,
        };
        backend.Finish();
        return spec;
    }

    private SerialTarget TakeSerial()
    {
        if (_settings.Serial is not { } serial)
        {
            return SerialTarget.Nowhere;
        }

        const string Chardev = "chardev:";
        KeyedText end = serial;
        string type = serial.Require("type");
        if (type.StartsWith(Chardev, StringComparison.Ordinal))
        {
            end = _settings.TakePart(new KeyedText("-serial", type[Chardev.Length..], "chardev"), "chardev", "chardev");
            type = end.Require("type");
        }

        SerialTarget target = type switch
        {
            "stdio" when _settings.Daemonize => throw end.Fault("stdio is nobody's with -daemonize."),
            "stdio" => new SerialTarget(SerialTargetKind.StandardStreams),
            "file" => new SerialTarget(SerialTargetKind.File, end.Require("path")),
            "none" or "null" => SerialTarget.Nowhere,
            _ => throw end.Fault(
                $"a serial port leads to stdio, file or none, not '{type}'{KeyedText.Nearest(type, ["stdio", "file", "none"])}"),
        };
        end.Finish();
        return target;
    }

    private string TakeMonitor(KeyedText monitor)
    {
        KeyedText end = _settings.TakePart(monitor, "chardev", "chardev");
        monitor.Refuse("mode", "control", "there is no human monitor.");
        monitor.Ignore("id", "pretty");
        monitor.Finish();
        end.Refuse("type", "socket", "a monitor is a socket.");
        string path = ListeningSocket(end);
        end.Finish();
        return path;
    }

    private static string ListeningSocket(KeyedText end)
    {
        end.Refuse("host", "", "a Unix socket ('path') has an owner, a TCP port has none.");
        if (end.TakeSwitch("server") != true)
        {
            throw end.Fault("'server' is missing: this side listens.");
        }

        end.Ignore("nowait", "wait", "reconnect");
        return end.Require("path");
    }
}
