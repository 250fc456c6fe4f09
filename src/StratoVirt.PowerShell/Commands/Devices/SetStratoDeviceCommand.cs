using System.Management.Automation;
using StratoVirt.Definitions;
using StratoVirt.Definitions.Devices;
using StratoVirt.PowerShell.Binding;
using StratoVirt.PowerShell.Errors;
using StratoVirt.PowerShell.Session;

namespace StratoVirt.PowerShell.Commands.Devices;

/// <summary>Changes settings of devices: in the definition, and at once in a machine that runs.</summary>
[Cmdlet(VerbsCommon.Set, "StratoDevice", SupportsShouldProcess = true, DefaultParameterSetName = ByName)]
[OutputType(typeof(StratoDevice))]
public sealed class SetStratoDeviceCommand : TargetedDeviceCommand
{
    /// <summary>Another image for a disk.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>Memory plugged in, or taken by a balloon.</summary>
    [Parameter]
    [MemorySize]
    public ulong Size { get; set; }

    /// <summary>Whether a network card's cable is plugged in.</summary>
    [Parameter]
    public bool LinkUp { get; set; }

    /// <summary>Seconds between a balloon's statistics.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int StatisticsInterval { get; set; }

    /// <summary>Bytes a second it may move; 0 for no limit.</summary>
    [Parameter]
    [MemorySize]
    public ulong Bandwidth { get; set; }

    /// <summary>Bytes that may go at once on top, one time.</summary>
    [Parameter]
    [MemorySize]
    public ulong BandwidthBurst { get; set; }

    /// <summary>Operations a second it may do; 0 for no limit.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int Operations { get; set; }

    /// <summary>Operations that may go at once on top, one time.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int OperationsBurst { get; set; }

    /// <summary>Emit the devices changed.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessDevice(StratoVm vm, StratoDevice device)
    {
        ArgumentNullException.ThrowIfNull(vm);
        ArgumentNullException.ThrowIfNull(device);
        DeviceSpec changed = Change(device);
        Check(vm, vm.Spec.WithChangedDevice(changed));
        if (!ShouldProcess(device.ToString(), "Change"))
        {
            return;
        }

        MachineRun? run = LiveRun(vm) is { } live && device.State != StratoDeviceState.Defined ? live : null;
        StoreAnd(
            vm.Name,
            spec => spec.WithChangedDevice(changed),
            spec => spec.WithChangedDevice(device.Spec),
            () => run?.ChangeDevice(changed));
        if (PassThru)
        {
            WriteObject(Read(vm.Name, device.Name));
        }
    }

    private DeviceSpec Change(StratoDevice device)
    {
        DeviceSpec spec = device.Spec;
        if (Path is not null)
        {
            spec = spec is DiskSpec disk
                ? disk with { Path = Paths.Unresolved(SessionState, Path) }
                : throw Unfit(device, nameof(Path), "disks");
        }

        if (IsGiven(nameof(Size)))
        {
            spec = spec switch
            {
                BalloonSpec balloon => balloon with { Size = new ByteSize(Size) },
                MemoryDeviceSpec memory => memory with { Size = new ByteSize(Size) },
                _ => throw Unfit(device, nameof(Size), "balloons and memory devices"),
            };
        }

        if (IsGiven(nameof(LinkUp)))
        {
            spec = spec is NetworkSpec network ? network with { LinkUp = LinkUp } : throw Unfit(device, nameof(LinkUp), "network cards");
        }

        if (IsGiven(nameof(StatisticsInterval)))
        {
            spec = spec is BalloonSpec balloon
                ? balloon with { StatisticsInterval = StatisticsInterval }
                : throw Unfit(device, nameof(StatisticsInterval), "balloons");
        }

        var limit = new RateLimitChange(
            Given(nameof(Bandwidth), Bandwidth),
            Given(nameof(BandwidthBurst), BandwidthBurst),
            Given(nameof(Operations), Operations),
            Given(nameof(OperationsBurst), OperationsBurst));
        return limit == default ? spec : spec switch
        {
            DiskSpec disk => disk with { RateLimit = limit.Apply(disk.RateLimit) },
            EntropySpec entropy => entropy with { RateLimit = limit.Apply(entropy.RateLimit) },
            NetworkSpec network => network with
            {
                ReceiveLimit = limit.Apply(network.ReceiveLimit),
                SendLimit = limit.Apply(network.SendLimit),
            },
            _ => throw Unfit(device, "Bandwidth and Operations", "disks, network cards and sources of random numbers"),
        };
    }


    private static StratoVirtException Unfit(StratoDevice device, string setting, string kinds) => ErrorRecords.Failure(
        CommandErrorId.SettingUnfit,
        $"{device} is a device of kind {device.Kind}; {setting} can be set of {kinds}.",
        "Leave the parameter out, or name another device.");
}
