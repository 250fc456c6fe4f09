using System.Text.Json;
using System.Text.Json.Serialization;

namespace StratoVirt.Qmp.Commands;

/// <summary>Disks and the images behind them.</summary>
public static class BlockCommands
{
    /// <summary>Names an image for a disk that is to come.</summary>
    public static QmpCommand<BlockdevOptions, QmpNothing> BlockdevAdd { get; } = new(
        "blockdev-add", () => QmpJsonContext.Default.BlockdevOptions, () => QmpJsonContext.Default.QmpNothing);

    /// <summary>Forgets an image that no disk uses.</summary>
    public static QmpCommand<NodeNameArguments, QmpNothing> BlockdevDel { get; } = new(
        "blockdev-del", () => QmpJsonContext.Default.NodeNameArguments, () => QmpJsonContext.Default.QmpNothing);

    /// <summary>The disks.</summary>
    public static QmpCommand<QmpNothing, IReadOnlyList<BlockInfo>> QueryBlock { get; } = new(
        "query-block", () => QmpJsonContext.Default.QmpNothing, () => QmpJsonContext.Default.IReadOnlyListBlockInfo);

    /// <summary>What they have done.</summary>
    public static QmpCommand<QmpNothing, IReadOnlyList<BlockStats>> QueryBlockstats { get; } = new(
        "query-blockstats", () => QmpJsonContext.Default.QmpNothing, () => QmpJsonContext.Default.IReadOnlyListBlockStats);

    /// <summary>The images, those that no disk uses included.</summary>
    public static QmpCommand<QmpNothing, IReadOnlyList<BlockDeviceInfo>> QueryNamedBlockNodes { get; } = new(
        "query-named-block-nodes", () => QmpJsonContext.Default.QmpNothing, () => QmpJsonContext.Default.IReadOnlyListBlockDeviceInfo);

    /// <summary>Limits a disk.</summary>
    public static QmpCommand<IoThrottle, QmpNothing> BlockSetIoThrottle { get; } = new(
        "block_set_io_throttle", () => QmpJsonContext.Default.IoThrottle, () => QmpJsonContext.Default.QmpNothing);

    /// <summary>Makes the image of a disk another size.</summary>
    public static QmpCommand<BlockResizeArguments, QmpNothing> BlockResize { get; } = new(
        "block_resize", () => QmpJsonContext.Default.BlockResizeArguments, () => QmpJsonContext.Default.QmpNothing);
}

/// <summary>What an image is behind.</summary>
[JsonConverter(typeof(KebabWords<BlockdevDriver>))]
public enum BlockdevDriver
{
    /// <summary>The bytes as they are.</summary>
    [JsonStringEnumMemberName("raw")]
    Raw,
    /// <summary>A file.</summary>
    [JsonStringEnumMemberName("file")]
    File,
    /// <summary>A block device of the host.</summary>
    [JsonStringEnumMemberName("host_device")]
    HostDevice,
}

/// <summary>Whether the guest may give blocks back.</summary>
[JsonConverter(typeof(KebabWords<BlockdevDiscard>))]
public enum BlockdevDiscard
{
    /// <summary>It may, and nothing happens.</summary>
    [JsonStringEnumMemberName("ignore")]
    Ignore,
    /// <summary>It may.</summary>
    [JsonStringEnumMemberName("unmap")]
    Unmap,
}

/// <summary>How I/O is done.</summary>
[JsonConverter(typeof(KebabWords<BlockdevAio>))]
public enum BlockdevAio
{
    /// <summary>By a few threads.</summary>
    [JsonStringEnumMemberName("threads")]
    Threads,
    /// <summary>By io_uring.</summary>
    [JsonStringEnumMemberName("io_uring")]
    IoUring,
}

/// <summary>How the host's cache is used.</summary>
public sealed record BlockdevCache
{
    /// <summary>Not at all.</summary>
    public bool? Direct { get; init; }

    /// <summary>A guest's flush does nothing. Not to be had.</summary>
    public bool? NoFlush { get; init; }
}

/// <summary>An image. As QEMU has it, <c>raw</c> over a <c>file</c>; the outer driver may be left out, as StratoVirt does.</summary>
public sealed record BlockdevOptions
{
    /// <summary>What it is.</summary>
    public BlockdevDriver? Driver { get; init; }

    /// <summary>What others call it by.</summary>
    public string? NodeName { get; init; }

    /// <summary>The guest may not write.</summary>
    public bool? ReadOnly { get; init; }

    /// <summary>How the host's cache is used.</summary>
    public BlockdevCache? Cache { get; init; }

    /// <summary>Whether the guest may give blocks back.</summary>
    public BlockdevDiscard? Discard { get; init; }

    /// <summary>Of a file: how I/O is done.</summary>
    public BlockdevAio? Aio { get; init; }

    /// <summary>Of a file: its path.</summary>
    public string? Filename { get; init; }

    /// <summary>Of raw: the image below, an object like this one, or the name of one added before.</summary>
    public JsonElement? File { get; init; }

    /// <summary>What the nested object of <see cref="File"/> says.</summary>
    /// <exception cref="Messages.QmpException">It does not fit.</exception>
    public static BlockdevOptions ReadNested(JsonElement file) =>
        Shapes.ArgumentCheck.Read(file, QmpJsonContext.Default.BlockdevOptions, "file");
}

/// <summary>The name of an image.</summary>
public sealed record NodeNameArguments
{
    /// <summary>The name.</summary>
    public required string NodeName { get; init; }
}

/// <summary>What a disk's image is to become.</summary>
public sealed record BlockResizeArguments
{
    /// <summary>The disk.</summary>
    public string? Device { get; init; }

    /// <summary>Its image.</summary>
    public string? NodeName { get; init; }

    /// <summary>Bytes.</summary>
    public required long Size { get; init; }
}

/// <summary>The limits of a disk; 0 is no limit. Those of one direction alone are not to be had.</summary>
public sealed record IoThrottle
{
    /// <summary>The disk, by its older name.</summary>
    public string? Device { get; init; }

    /// <summary>The disk.</summary>
    public string? Id { get; init; }

    /// <summary>Bytes a second.</summary>
    public required long Bps { get; init; }

    /// <summary>Bytes read a second.</summary>
    [JsonPropertyName("bps_rd")]
    public required long BpsRead { get; init; }

    /// <summary>Bytes written a second.</summary>
    [JsonPropertyName("bps_wr")]
    public required long BpsWrite { get; init; }

    /// <summary>Operations a second.</summary>
    public required long Iops { get; init; }

    /// <summary>Reads a second.</summary>
    [JsonPropertyName("iops_rd")]
    public required long IopsRead { get; init; }

    /// <summary>Writes a second.</summary>
    [JsonPropertyName("iops_wr")]
    public required long IopsWrite { get; init; }

    /// <summary>Bytes that may go at once on top.</summary>
    [JsonPropertyName("bps_max")]
    public long? BpsMax { get; init; }

    /// <summary>Operations that may go at once on top.</summary>
    [JsonPropertyName("iops_max")]
    public long? IopsMax { get; init; }
}

/// <summary>A disk.</summary>
public sealed record BlockInfo
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
}

/// <summary>An image.</summary>
public sealed record BlockDeviceInfo
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
    [JsonPropertyName("bps_rd")]
    public required long BpsRead { get; init; }

    /// <summary>Bytes written a second.</summary>
    [JsonPropertyName("bps_wr")]
    public required long BpsWrite { get; init; }

    /// <summary>Operations a second; 0 is no limit.</summary>
    public required long Iops { get; init; }

    /// <summary>Reads a second.</summary>
    [JsonPropertyName("iops_rd")]
    public required long IopsRead { get; init; }

    /// <summary>Writes a second.</summary>
    [JsonPropertyName("iops_wr")]
    public required long IopsWrite { get; init; }
}

/// <summary>How an image's cache is used.</summary>
public sealed record BlockdevCacheInfo
{
    /// <summary>The guest sees a write cache that it can flush.</summary>
    public required bool Writeback { get; init; }

    /// <summary>The host's cache is passed by.</summary>
    public required bool Direct { get; init; }

    /// <summary>Flushes do nothing.</summary>
    public required bool NoFlush { get; init; }
}

/// <summary>What is known of an image's file.</summary>
public sealed record ImageInfo
{
    /// <summary>Its path.</summary>
    public required string Filename { get; init; }

    /// <summary>Its format.</summary>
    public required string Format { get; init; }

    /// <summary>Bytes the guest sees; null while no disk has opened it.</summary>
    public long? VirtualSize { get; init; }
}

/// <summary>What a disk has done.</summary>
public sealed record BlockStats
{
    /// <summary>A name that disks made by <c>device_add</c> do not have.</summary>
    public string? Device { get; init; }

    /// <summary>Its path in the object tree.</summary>
    public string? Qdev { get; init; }

    /// <summary>Its image.</summary>
    public string? NodeName { get; init; }

    /// <summary>The counters.</summary>
    public required BlockDeviceStats Stats { get; init; }
}

/// <summary>A disk's counters, of QEMU's those that are counted here.</summary>
public sealed record BlockDeviceStats
{
    /// <summary>Bytes read.</summary>
    [JsonPropertyName("rd_bytes")]
    public required long ReadBytes { get; init; }

    /// <summary>Bytes written.</summary>
    [JsonPropertyName("wr_bytes")]
    public required long WrittenBytes { get; init; }

    /// <summary>Reads.</summary>
    [JsonPropertyName("rd_operations")]
    public required long Reads { get; init; }

    /// <summary>Writes.</summary>
    [JsonPropertyName("wr_operations")]
    public required long Writes { get; init; }

    /// <summary>Flushes.</summary>
    [JsonPropertyName("flush_operations")]
    public required long Flushes { get; init; }

    /// <summary>Discards.</summary>
    [JsonPropertyName("unmap_operations")]
    public required long Unmaps { get; init; }
}
