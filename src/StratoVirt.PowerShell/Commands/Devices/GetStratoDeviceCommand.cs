using System.Management.Automation;
using StratoVirt.PowerShell.Completers;

namespace StratoVirt.PowerShell.Commands.Devices;

/// <summary>Lists the devices of machines.</summary>
[Cmdlet(VerbsCommon.Get, "StratoDevice")]
[OutputType(typeof(StratoDevice))]
public sealed class GetStratoDeviceCommand : DeviceCommand
{
    /// <summary>Machines, by name or pattern; all when not given.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [Alias("VMName")]
    [ArgumentCompleter(typeof(VmNameCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] VM { get; set; } = ["*"];

    /// <summary>Devices, by name or pattern; all when not given.</summary>
    [Parameter(Position = 1)]
    [ArgumentCompleter(typeof(DeviceNameCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = ["*"];

    /// <summary>Only devices of these kinds.</summary>
    [Parameter]
    public StratoDeviceKind[]? Kind { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => ForEachMachine(VM, vm =>
    {
        IEnumerable<StratoDevice> matches = Match(vm, Name).DistinctBy(device => device.Name);
        WriteObject(matches.Where(device => Kind is null || Kind.Contains(device.Kind)), enumerateCollection: true);
    });
}
