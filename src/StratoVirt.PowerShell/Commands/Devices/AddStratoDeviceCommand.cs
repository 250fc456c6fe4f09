using System.Globalization;
using System.Management.Automation;
using StratoVirt.Definitions;
using StratoVirt.Definitions.Devices;
using StratoVirt.PowerShell.Binding;
using StratoVirt.PowerShell.Completers;
using StratoVirt.PowerShell.Errors;
using StratoVirt.PowerShell.Session;

namespace StratoVirt.PowerShell.Commands.Devices;

/// <summary>Adds a device to machines: to their definitions, and to those that run while they run.</summary>
[Cmdlet(VerbsCommon.Add, "StratoDevice", SupportsShouldProcess = true, DefaultParameterSetName = DiskSet)]
[OutputType(typeof(StratoDevice))]
public sealed partial class AddStratoDeviceCommand : DeviceCommand
{
    private const string DiskSet = "Disk";
    private const string NetworkSet = "Network";
    private const string PortSet = "Port";
    private const string ShareSet = "Share";
    private const string PersistentMemorySet = "PersistentMemory";
    private const string MemorySet = "Memory";
    private const string EntropySet = "Entropy";
    private const string BalloonSet = "Balloon";
    private const string VsockSet = "Vsock";

    /// <summary>Machines, by name or pattern.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [Alias("VMName")]
    [ArgumentCompleter(typeof(VmNameCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] VM { get; set; } = [];

    /// <summary>The device's name; one that is free when not given.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>Emit the devices added.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => ForEachMachine(VM, vm =>
    {
        DeviceSpec device = Describe([.. DevicesOf(vm).Select(present => present.Name)]);
        if (vm.Spec.ListDevices().FirstOrDefault(present => IsOnly(present, device)) is { } present)
        {
            throw ErrorRecords.Failure(
                CommandErrorId.SettingUnfit,
                $"{vm.Name} has a device of this kind, '{present.Name}', and a machine has one at most.",
                $"Change it with: Set-StratoDevice {vm.Name} {present.Name}");
        }

        Check(vm, vm.Spec.WithDevice(device));
        if (!ShouldProcess(vm.Name, $"Add {DeviceFacts.KindOf(device)} '{device.Name}'"))
        {
            return;
        }

        MachineRun? run = LiveRun(vm);
        StoreAnd(
            vm.Name,
            spec => spec.WithDevice(device),
            spec => spec.WithoutDevice(device.Name),
            () => run?.AddDevice(device));
        if (PassThru)
        {
            WriteObject(Read(vm.Name, device.Name));
        }
    });

    private DeviceSpec Describe(IReadOnlyList<string> taken) => ParameterSetName switch
    {
        DiskSet => DescribeDisk(FreeName(taken, "disk")),
        NetworkSet => DescribeNetwork(FreeName(taken, "net")),
        PortSet => new ConsolePortSpec
        {
            Name = FreeName(taken, "port"),
            Console = Console,
            Socket = Full(Socket),
            File = Full(File),
            Pipe = Full(Pipe),
        },
        ShareSet => new ShareSpec { Name = FreeName(taken, "share"), Path = Full(Share)!, ReadOnly = ReadOnly },
        PersistentMemorySet => new PersistentMemorySpec { Name = FreeName(taken, "pmem"), Path = Full(PersistentMemory)!, ReadOnly = ReadOnly },
        MemorySet => new MemoryDeviceSpec
        {
            Name = FreeName(taken, "mem"),
            Maximum = new ByteSize(Maximum),
            Size = new ByteSize(Size),
            BlockSize = new ByteSize(MemoryBlockSize),
        },
        EntropySet => new EntropySpec { Name = Name ?? "rng", Source = Full(Source), RateLimit = RateLimit() },
        BalloonSet => new BalloonSpec
        {
            Name = Name ?? "balloon",
            Size = new ByteSize(Size),
            DeflateOnOom = !NoDeflateOnOom,
            FreePageReporting = !NoFreePageReporting,
            StatisticsInterval = StatisticsInterval,
        },
        _ => new VsockSpec { Name = Name ?? "vsock", Socket = Full(Socket), Cid = Cid },
    };

    private DiskSpec DescribeDisk(string name) => new()
    {
        Name = name,
        Path = Full(Disk)!,
        ReadOnly = ReadOnly,
        Serial = Serial,
        BlockSize = BlockSize,
        Queues = Given(nameof(Queues), Queues),
        Cache = Direct ? DiskCache.Direct : DiskCache.Buffered,
        Engine = Threads ? DiskEngine.Threads : null,
        Discard = !NoDiscard,
        RateLimit = RateLimit(),
        RateGroup = RateGroup,
    };

    private NetworkSpec DescribeNetwork(string name) => new()
    {
        Name = name,
        Tap = Tap,
        TapDescriptor = Given(nameof(TapDescriptor), TapDescriptor),
        User = User,
        Forward = Forward,
        Mac = Mac,
        Mtu = Given(nameof(Mtu), Mtu),
        Queues = Given(nameof(Queues), Queues) ?? 1,
        Vhost = Vhost,
        LinkUp = !Unplugged,
        ReceiveLimit = RateLimit(),
        SendLimit = RateLimit(),
        RateGroup = RateGroup,
    };

    private RateLimitSpec? RateLimit() => new RateLimitChange(
        Given(nameof(Bandwidth), Bandwidth),
        Given(nameof(BandwidthBurst), BandwidthBurst),
        Given(nameof(Operations), Operations),
        Given(nameof(OperationsBurst), OperationsBurst)).Apply(null);

    private string FreeName(IReadOnlyList<string> taken, string kind) =>
        Name ?? Enumerable.Range(0, int.MaxValue)
            .Select(number => string.Create(CultureInfo.InvariantCulture, $"{kind}{number}"))
            .First(name => !taken.Contains(name, StringComparer.OrdinalIgnoreCase));

    private string? Full(string? path) => path is null ? null : Paths.Unresolved(SessionState, path);

    private static bool IsOnly(DeviceSpec present, DeviceSpec added) =>
        added is EntropySpec or BalloonSpec or VsockSpec && present.GetType() == added.GetType();
}
