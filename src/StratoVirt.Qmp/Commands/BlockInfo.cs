using StratoVirt.Qmp.Shapes;

namespace StratoVirt.Qmp.Commands;

/// <summary>A disk.</summary>
public sealed class BlockInfo
{
    /// <summary>A name that disks made by <c>device_add</c> do not have.</summary>
    public required string Device { get; init; }

    /// <summary>Its path in the object tree.</summary>
    public string? Qdev { get; init; }

    /// <summary>Its kind, which QEMU does not tell either.</summary>
    public required string Type { get; init; }

    /// <summary>Whether it can be taken out of its drive.</summary>
    public required bool Removable { get; init; }

    /// <summary>Whether the guest holds its drive shut.</summary>
    public required bool Locked { get; init; }

    /// <summary>The image.</summary>
    public BlockDeviceInfo? Inserted { get; init; }

    private static readonly ObjectShape Form = new(nameof(BlockInfo), Carry);

    internal static Shape<BlockInfo> Shape => new(Form);

    private static BlockInfo Carry(Members json, object? value)
    {
        var it = (BlockInfo?)value;
        return new BlockInfo
        {
            Device = json.Text("device", it?.Device),
            Qdev = json.OptionalText("qdev", it?.Qdev),
            Type = json.Text("type", it?.Type),
            Removable = json.Flag("removable", it?.Removable),
            Locked = json.Flag("locked", it?.Locked),
            Inserted = json.OptionalRecord("inserted", it?.Inserted, BlockDeviceInfo.Shape),
        };
    }
}

/// <summary>An image.</summary>
public sealed class BlockDeviceInfo
{
    /// <summary>Its path.</summary>
    public required string File { get; init; }

    /// <summary>Its name.</summary>
    public string? NodeName { get; init; }

    /// <summary>The guest may not write.</summary>
    public required bool Ro { get; init; }

    /// <summary>Its format.</summary>
    public required string Drv { get; init; }

    /// <summary>How the host's cache is used.</summary>
    public required BlockdevCacheInfo Cache { get; init; }

    /// <summary>What is known of the file.</summary>
    public required ImageInfo Image { get; init; }

    /// <summary>Bytes a second; 0 is no limit.</summary>
    public required long Bps { get; init; }

    /// <summary>Bytes read a second.</summary>
    public required long BpsRead { get; init; }

    /// <summary>Bytes written a second.</summary>
    public required long BpsWrite { get; init; }

    /// <summary>Operations a second; 0 is no limit.</summary>
    public required long Iops { get; init; }

    /// <summary>Reads a second.</summary>
    public required long IopsRead { get; init; }

    /// <summary>Writes a second.</summary>
    public required long IopsWrite { get; init; }

    private static readonly ObjectShape Form = new(nameof(BlockDeviceInfo), Carry);

    internal static Shape<BlockDeviceInfo> Shape => new(Form);

    private static BlockDeviceInfo Carry(Members json, object? value)
    {
        var it = (BlockDeviceInfo?)value;
        return new BlockDeviceInfo
        {
            File = json.Text("file", it?.File),
            NodeName = json.OptionalText("node-name", it?.NodeName),
            Ro = json.Flag("ro", it?.Ro),
            Drv = json.Text("drv", it?.Drv),
            Cache = json.Record("cache", it?.Cache, BlockdevCacheInfo.Shape),
            Image = json.Record("image", it?.Image, ImageInfo.Shape),
            Bps = json.Int64("bps", it?.Bps),
            BpsRead = json.Int64("bps_rd", it?.BpsRead),
            BpsWrite = json.Int64("bps_wr", it?.BpsWrite),
            Iops = json.Int64("iops", it?.Iops),
            IopsRead = json.Int64("iops_rd", it?.IopsRead),
            IopsWrite = json.Int64("iops_wr", it?.IopsWrite),
        };
    }
}

/// <summary>How an image's cache is used.</summary>
public sealed class BlockdevCacheInfo
{
    /// <summary>The guest sees a write cache that it can flush.</summary>
    public required bool Writeback { get; init; }

    /// <summary>The host's cache is passed by.</summary>
    public required bool Direct { get; init; }

    /// <summary>Flushes do nothing.</summary>
    public required bool NoFlush { get; init; }

    private static readonly ObjectShape Form = new(nameof(BlockdevCacheInfo), Carry);

    internal static Shape<BlockdevCacheInfo> Shape => new(Form);

    private static BlockdevCacheInfo Carry(Members json, object? value)
    {
        var it = (BlockdevCacheInfo?)value;
        return new BlockdevCacheInfo
        {
            Writeback = json.Flag("writeback", it?.Writeback),
            Direct = json.Flag("direct", it?.Direct),
            NoFlush = json.Flag("no-flush", it?.NoFlush),
        };
    }
}

/// <summary>What is known of an image's file.</summary>
public sealed class ImageInfo
{
    /// <summary>Its path.</summary>
    public required string Filename { get; init; }

    /// <summary>Its format.</summary>
    public required string Format { get; init; }

    /// <summary>Bytes the guest sees; null while no disk has opened it.</summary>
    public long? VirtualSize { get; init; }

    private static readonly ObjectShape Form = new(nameof(ImageInfo), Carry);

    internal static Shape<ImageInfo> Shape => new(Form);

    private static ImageInfo Carry(Members json, object? value)
    {
        var it = (ImageInfo?)value;
        return new ImageInfo
        {
            Filename = json.Text("filename", it?.Filename),
            Format = json.Text("format", it?.Format),
            VirtualSize = json.OptionalInt64("virtual-size", it?.VirtualSize),
        };
    }
}

/// <summary>What a disk has done.</summary>
public sealed class BlockStats
{
    /// <summary>A name that disks made by <c>device_add</c> do not have.</summary>
    public string? Device { get; init; }

    /// <summary>Its path in the object tree.</summary>
    public string? Qdev { get; init; }

    /// <summary>Its image.</summary>
    public string? NodeName { get; init; }

    /// <summary>The counters.</summary>
    public required BlockDeviceStats Stats { get; init; }

    private static readonly ObjectShape Form = new(nameof(BlockStats), Carry);

    internal static Shape<BlockStats> Shape => new(Form);

    private static BlockStats Carry(Members json, object? value)
    {
        var it = (BlockStats?)value;
        return new BlockStats
        {
            Device = json.OptionalText("device", it?.Device),
            Qdev = json.OptionalText("qdev", it?.Qdev),
            NodeName = json.OptionalText("node-name", it?.NodeName),
            Stats = json.Record("stats", it?.Stats, BlockDeviceStats.Shape),
        };
    }
}

/// <summary>A disk's counters, of QEMU's those that are counted here.</summary>
public sealed class BlockDeviceStats
{
    /// <summary>Bytes read.</summary>
    public required long ReadBytes { get; init; }

    /// <summary>Bytes written.</summary>
    public required long WrittenBytes { get; init; }

    /// <summary>Reads.</summary>
    public required long Reads { get; init; }

    /// <summary>Writes.</summary>
    public required long Writes { get; init; }

    /// <summary>Flushes.</summary>
    public required long Flushes { get; init; }

    /// <summary>Discards.</summary>
    public required long Unmaps { get; init; }

    private static readonly ObjectShape Form = new(nameof(BlockDeviceStats), Carry);

    internal static Shape<BlockDeviceStats> Shape => new(Form);

    private static BlockDeviceStats Carry(Members json, object? value)
    {
        var it = (BlockDeviceStats?)value;
        return new BlockDeviceStats
        {
            ReadBytes = json.Int64("rd_bytes", it?.ReadBytes),
            WrittenBytes = json.Int64("wr_bytes", it?.WrittenBytes),
            Reads = json.Int64("rd_operations", it?.Reads),
            Writes = json.Int64("wr_operations", it?.Writes),
            Flushes = json.Int64("flush_operations", it?.Flushes),
            Unmaps = json.Int64("unmap_operations", it?.Unmaps),
        };
    }
}
