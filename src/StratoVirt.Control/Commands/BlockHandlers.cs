using System.Runtime.InteropServices;
using StratoVirt.Definitions;
using StratoVirt.Definitions.Devices;
using StratoVirt.Devices.Virtio.Block;
using StratoVirt.Linux;
using StratoVirt.Linux.Handles;
using StratoVirt.Machine;
using StratoVirt.Qmp.Commands;
using StratoVirt.Qmp.Messages;
using StratoVirt.Qmp.Sessions;

namespace StratoVirt.Control.Commands;

/// <summary>Disks and the images behind them.</summary>
internal sealed class BlockHandlers
{
    // What an image that another one lies over is used by.
    private const string Node = "node ";

    private readonly ControlContext _context;

    private BlockHandlers(ControlContext context) => _context = context;

    /// <summary>Adds the commands.</summary>
    public static void Add(QmpCommandTable table, ControlContext context)
    {
        var handlers = new BlockHandlers(context);
        table.Add(BlockCommands.BlockdevAdd, handlers.AddImage);
        table.Add(BlockCommands.BlockdevDel, handlers.DeleteImage);
        table.Add(BlockCommands.QueryBlock, _ => handlers.Disks.ConvertAll(handlers.DescribeDisk));
        table.Add(BlockCommands.QueryBlockstats, _ => handlers.Disks.ConvertAll(handlers.DescribeCounters));
        table.Add(BlockCommands.QueryNamedBlockNodes, _ => handlers.DescribeNodes());
        table.AddPending(BlockCommands.BlockSetIoThrottle, handlers.Throttle);
        table.AddPending(BlockCommands.BlockResize, handlers.Resize);
    }

    private List<VmDevice> Disks
    {
        get
        {
            var disks = new List<VmDevice>(_context.Machine.Devices);
            disks.RemoveAll(device => device.Spec is not DiskSpec);
            return disks;
        }
    }

    private QmpNothing AddImage(BlockdevOptions options)
    {
        if (options.NodeName is not { Length: > 0 } name)
        {
            throw QmpException.Generic("'node-name' must be specified for the root node");
        }

        if (_context.Images.TryFind(name, out _, out _) || Disks.Exists(disk => NodeNameOf(disk) == name))
        {
            throw QmpException.Generic($"Duplicate nodes with node-name='{name}'");
        }

        string? below = null;
        ImageOptions image = ImageOptions.Read(options, reference =>
        {
            below = reference;
            return Find(reference);
        });
        RequireOpenable(image);
        if (!_context.Images.TryAdd(name, image))
        {
            throw QmpException.Generic($"There are {BackendTable<ImageOptions>.MaxEntries} images already");
        }

        if (below is not null)
        {
            _context.Images.Take(below, Node + name);
        }

        return QmpNothing.Instance;
    }

    // Opened again with the disk, and locked then; here only what would fail then is found early.
    private void RequireOpenable(ImageOptions image)
    {
        string path = Path.GetFullPath(image.Path, _context.Machine.BaseDirectory);
        OpenFlags flags = (image.ReadOnly ? OpenFlags.ReadOnly : OpenFlags.ReadWrite) | OpenFlags.NonBlocking;
        using FileDescriptor? file = FileDescriptor.TryOpen(path, flags, 0, out Errno errno);
        if (file is null)
        {
            throw QmpException.Generic($"Could not open '{image.Path}': {Marshal.GetPInvokeErrorMessage((int)errno)}");
        }
    }

    private ImageOptions Find(string name) => !_context.Images.TryFind(name, out ImageOptions? image, out string? user)
        ? throw QmpException.Generic($"Cannot find device='{name}' nor node-name='{name}'")
        : user is null ? image : throw QmpException.Generic($"Node '{name}' is busy: it is used by {user}");

    private QmpNothing DeleteImage(NodeNameArguments arguments)
    {
        string name = arguments.NodeName;
        if (!_context.Images.TryFind(name, out _, out string? user))
        {
            throw QmpException.Generic($"Failed to find node with node-name='{name}'");
        }

        if (user is not null)
        {
            throw QmpException.Generic($"Node {name} is in use");
        }

        _context.Images.Remove(name);
        _context.Images.Release(Node + name);
        return QmpNothing.Instance;
    }

    private string NodeNameOf(VmDevice disk) => _context.Images.UsedBy(disk.Name) ?? disk.Name;

    private BlockInfo DescribeDisk(VmDevice disk) => new()
    {
        Device = string.Empty,
        Qdev = ObjectTree.PathOf(disk),
        Type = "unknown",
        Removable = false,
        Locked = false,
        Inserted = DescribeImage(
            NodeNameOf(disk), ((DiskSpec)disk.Spec).Path, ((DiskSpec)disk.Spec).ReadOnly, ((DiskSpec)disk.Spec).Cache,
            ((DiskSpec)disk.Spec).RateLimit, disk.Capacity),
    };

    private BlockStats DescribeCounters(VmDevice disk)
    {
        var counters = (BlockMetrics)disk.Metrics;
        return new BlockStats
        {
            Device = string.Empty,
            Qdev = ObjectTree.PathOf(disk),
            NodeName = NodeNameOf(disk),
            Stats = new BlockDeviceStats
            {
                ReadBytes = counters.BytesRead,
                WrittenBytes = counters.BytesWritten,
                Reads = counters.Reads,
                Writes = counters.Writes,
                Flushes = counters.Flushes,
                Unmaps = counters.Unmaps,
            },
        };
    }

    private List<BlockDeviceInfo> DescribeNodes()
    {
        List<BlockDeviceInfo> nodes = Disks.ConvertAll(disk => DescribeDisk(disk).Inserted!);
        foreach (BackendTable<ImageOptions>.Entry entry in _context.Images.Entries)
        {
            if (!nodes.Exists(node => node.NodeName == entry.Name))
            {
                ImageOptions image = entry.Options;
                nodes.Add(DescribeImage(entry.Name, image.Path, image.ReadOnly, image.Cache, null, null));
            }
        }

        return nodes;
    }

    private static BlockDeviceInfo DescribeImage(
        string name, string path, bool readOnly, DiskCache cache, RateLimitSpec? limit, long? length) => new()
    {
        File = path,
        NodeName = name,
        Ro = readOnly,
        Drv = "raw",
        Cache = new BlockdevCacheInfo { Writeback = true, Direct = cache == DiskCache.Direct, NoFlush = false },
        Image = new ImageInfo { Filename = path, Format = "raw", VirtualSize = length },
        Bps = (long)(limit?.Bandwidth?.Bytes ?? 0),
        BpsRead = 0,
        BpsWrite = 0,
        Iops = limit?.Operations ?? 0,
        IopsRead = 0,
        IopsWrite = 0,
    };

    private void Resize(BlockResizeArguments arguments, QmpReply<QmpNothing> reply)
    {
        VmDevice disk = Disks.Find(disk => NodeNameOf(disk) == arguments.NodeName || disk.Name == arguments.Device)
            ?? throw QmpException.Generic($"Cannot find device='{arguments.Device}' nor node-name='{arguments.NodeName}'");
        if (arguments.Size < 0)
        {
            throw QmpException.Generic("Parameter 'size' expects a >0 size");
        }

        _context.Await(reply, completed => _context.Machine.RequestGrowDisk(disk.Name, arguments.Size, completed));
    }

    private void Throttle(IoThrottle wanted, QmpReply<QmpNothing> reply)
    {
        if ((wanted.Id ?? wanted.Device) is not { } name)
        {
            throw QmpException.Generic("Need exactly one of 'device' and 'id'");
        }

        VmDevice device = _context.FindDevice(name) ?? Disks.Find(disk => NodeNameOf(disk) == name) ?? throw QmpException.NoDevice(name);
        if (device.Spec is not DiskSpec disk)
        {
            throw QmpException.Generic($"Device '{name}' is not a block device");
        }

        if (wanted is not { BpsRead: 0, BpsWrite: 0, IopsRead: 0, IopsWrite: 0 })
        {
            throw QmpException.Generic("Limits are for both directions together; bps_rd, bps_wr, iops_rd and iops_wr have to be 0");
        }

        if (wanted.Bps < 0 || wanted.Iops is < 0 or > int.MaxValue || wanted.BpsMax < 0 || wanted.IopsMax is < 0 or > int.MaxValue)
        {
            throw QmpException.Generic("bps/iops/max values must be within [0, 1000000000000000]");
        }

        RateLimitSpec? limit = wanted is { Bps: 0, Iops: 0 } ? null : new RateLimitSpec
        {
            Bandwidth = wanted.Bps == 0 ? null : new ByteSize((ulong)wanted.Bps),
            BandwidthBurst = wanted is { Bps: > 0, BpsMax: > 0 } ? new ByteSize((ulong)wanted.BpsMax) : null,
            Operations = wanted.Iops == 0 ? null : (int)wanted.Iops,
            OperationsBurst = wanted is { Iops: > 0, IopsMax: > 0 } ? (int)wanted.IopsMax : null,
        };
        _context.Await(reply, completed => _context.Machine.RequestChangeDevice(disk with { RateLimit = limit }, completed));
    }
}
