using System.Management.Automation;
using StratoVirt.Definitions;
using StratoVirt.Definitions.Devices;
using StratoVirt.PowerShell.Binding;

namespace StratoVirt.PowerShell.Commands.Devices;

/// <content>What each kind of device takes.</content>
public sealed partial class AddStratoDeviceCommand
{
    /// <summary>Add a disk: path of a raw image file or a block device.</summary>
    [Parameter(Mandatory = true, ParameterSetName = DiskSet)]
    [ValidateNotNullOrEmpty]
    public string Disk { get; set; } = string.Empty;

    /// <summary>Add a network card.</summary>
    [Parameter(Mandatory = true, ParameterSetName = NetworkSet)]
    public SwitchParameter Network { get; set; }

    /// <summary>Add a port to the virtio console.</summary>
    [Parameter(Mandatory = true, ParameterSetName = PortSet)]
    public SwitchParameter Port { get; set; }

    /// <summary>Share a directory of the host.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ShareSet)]
    [ValidateNotNullOrEmpty]
    public string Share { get; set; } = string.Empty;

    /// <summary>Show a file as persistent memory.</summary>
    [Parameter(Mandatory = true, ParameterSetName = PersistentMemorySet)]
    [ValidateNotNullOrEmpty]
    public string PersistentMemory { get; set; } = string.Empty;

    /// <summary>Add memory that grows and shrinks.</summary>
    [Parameter(Mandatory = true, ParameterSetName = MemorySet)]
    public SwitchParameter Memory { get; set; }

    /// <summary>Add a source of random numbers.</summary>
    [Parameter(Mandatory = true, ParameterSetName = EntropySet)]
    public SwitchParameter Entropy { get; set; }

    /// <summary>Add a memory balloon.</summary>
    [Parameter(Mandatory = true, ParameterSetName = BalloonSet)]
    public SwitchParameter Balloon { get; set; }

    /// <summary>Add sockets between guest and host.</summary>
    [Parameter(Mandatory = true, ParameterSetName = VsockSet)]
    public SwitchParameter Vsock { get; set; }

    /// <summary>The guest may not write.</summary>
    [Parameter(ParameterSetName = DiskSet)]
    [Parameter(ParameterSetName = ShareSet)]
    [Parameter(ParameterSetName = PersistentMemorySet)]
    public SwitchParameter ReadOnly { get; set; }

    /// <summary>What the guest finds in /dev/disk/by-id.</summary>
    [Parameter(ParameterSetName = DiskSet)]
    public string? Serial { get; set; }

    /// <summary>Logical block size: 512 or 4096.</summary>
    [Parameter(ParameterSetName = DiskSet)]
    public int BlockSize { get; set; } = 512;

    /// <summary>Go past the host's page cache.</summary>
    [Parameter(ParameterSetName = DiskSet)]
    public SwitchParameter Direct { get; set; }

    /// <summary>Carry I/O out with threads instead of io_uring.</summary>
    [Parameter(ParameterSetName = DiskSet)]
    public SwitchParameter Threads { get; set; }

    /// <summary>The guest cannot give blocks back.</summary>
    [Parameter(ParameterSetName = DiskSet)]
    public SwitchParameter NoDiscard { get; set; }

    /// <summary>Request queues of a disk, queue pairs of a network card.</summary>
    [Parameter(ParameterSetName = DiskSet)]
    [Parameter(ParameterSetName = NetworkSet)]
    public int Queues { get; set; }

    /// <summary>Name of a tap interface: joined when it exists, else created.</summary>
    [Parameter(ParameterSetName = NetworkSet)]
    [ValidateNotNullOrEmpty]
    public string? Tap { get; set; }

    /// <summary>Number of an open tap descriptor.</summary>
    [Parameter(ParameterSetName = NetworkSet)]
    public int TapDescriptor { get; set; }

    /// <summary>A network with no setup and no privilege.</summary>
    [Parameter(ParameterSetName = NetworkSet)]
    public SwitchParameter User { get; set; }

    /// <summary>Ports forwarded to the guest with -User: <c>2222:22</c>.</summary>
    [Parameter(ParameterSetName = NetworkSet)]
    [ValidateNotNullOrEmpty]
    public string? Forward { get; set; }

    /// <summary>MAC address.</summary>
    [Parameter(ParameterSetName = NetworkSet)]
    [ValidateNotNullOrEmpty]
    public string? Mac { get; set; }

    /// <summary>MTU told to the guest.</summary>
    [Parameter(ParameterSetName = NetworkSet)]
    public int Mtu { get; set; }

    /// <summary>Have the host's kernel move the frames of a tap (vhost_net).</summary>
    [Parameter(ParameterSetName = NetworkSet)]
    public SwitchParameter Vhost { get; set; }

    /// <summary>Leave the cable unplugged.</summary>
    [Parameter(ParameterSetName = NetworkSet)]
    public SwitchParameter Unplugged { get; set; }

    /// <summary>A console rather than a named port.</summary>
    [Parameter(ParameterSetName = PortSet)]
    public SwitchParameter Console { get; set; }

    /// <summary>Path of a Unix socket.</summary>
    [Parameter(ParameterSetName = PortSet)]
    [Parameter(ParameterSetName = VsockSet)]
    [ValidateNotNullOrEmpty]
    public string? Socket { get; set; }

    /// <summary>Path of a file that output is appended to.</summary>
    [Parameter(ParameterSetName = PortSet)]
    [ValidateNotNullOrEmpty]
    public string? File { get; set; }

    /// <summary>Path of a pair of named pipes, without their endings <c>.in</c> and <c>.out</c>.</summary>
    [Parameter(ParameterSetName = PortSet)]
    [ValidateNotNullOrEmpty]
    public string? Pipe { get; set; }

    /// <summary>The most memory it can have.</summary>
    [Parameter(Mandatory = true, ParameterSetName = MemorySet)]
    [MemorySize]
    public ulong Maximum { get; set; }

    /// <summary>Memory plugged in, or taken by the balloon, at first.</summary>
    [Parameter(ParameterSetName = MemorySet)]
    [Parameter(ParameterSetName = BalloonSet)]
    [MemorySize]
    public ulong Size { get; set; }

    /// <summary>The unit memory grows and shrinks by.</summary>
    [Parameter(ParameterSetName = MemorySet)]
    [MemorySize]
    public ulong MemoryBlockSize { get; set; } = VmSpec.MemoryGranule.Bytes;

    /// <summary>Path of a device to read random numbers from.</summary>
    [Parameter(ParameterSetName = EntropySet)]
    [ValidateNotNullOrEmpty]
    public string? Source { get; set; }

    /// <summary>A guest short of memory does not take it back by itself.</summary>
    [Parameter(ParameterSetName = BalloonSet)]
    public SwitchParameter NoDeflateOnOom { get; set; }

    /// <summary>The guest does not report pages it frees.</summary>
    [Parameter(ParameterSetName = BalloonSet)]
    public SwitchParameter NoFreePageReporting { get; set; }

    /// <summary>Seconds between the guest's memory statistics.</summary>
    [Parameter(ParameterSetName = BalloonSet)]
    [ValidateRange(0, int.MaxValue)]
    public int StatisticsInterval { get; set; }

    /// <summary>The guest's context id.</summary>
    [Parameter(ParameterSetName = VsockSet)]
    public int Cid { get; set; } = new VsockSpec().Cid;

    /// <summary>Bytes a second it may move; a network card, each way; 0 for no limit.</summary>
    [Parameter(ParameterSetName = DiskSet)]
    [Parameter(ParameterSetName = NetworkSet)]
    [Parameter(ParameterSetName = EntropySet)]
    [MemorySize]
    public ulong Bandwidth { get; set; }

    /// <summary>Bytes that may go at once on top, one time.</summary>
    [Parameter(ParameterSetName = DiskSet)]
    [Parameter(ParameterSetName = NetworkSet)]
    [Parameter(ParameterSetName = EntropySet)]
    [MemorySize]
    public ulong BandwidthBurst { get; set; }

    /// <summary>Operations a second it may do; a network card, each way; 0 for no limit.</summary>
    [Parameter(ParameterSetName = DiskSet)]
    [Parameter(ParameterSetName = NetworkSet)]
    [Parameter(ParameterSetName = EntropySet)]
    public int Operations { get; set; }

    /// <summary>Operations that may go at once on top, one time.</summary>
    [Parameter(ParameterSetName = DiskSet)]
    [Parameter(ParameterSetName = NetworkSet)]
    [Parameter(ParameterSetName = EntropySet)]
    public int OperationsBurst { get; set; }

    /// <summary>Name of a group of the machine whose limits it shares.</summary>
    [Parameter(ParameterSetName = DiskSet)]
    [Parameter(ParameterSetName = NetworkSet)]
    [ValidateNotNullOrEmpty]
    public string? RateGroup { get; set; }
}
