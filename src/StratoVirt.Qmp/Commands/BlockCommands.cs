using System.Text.Json;
using StratoVirt.Qmp.Shapes;

namespace StratoVirt.Qmp.Commands;

/// <summary>Disks and the images behind them.</summary>
public static class BlockCommands
{
    /// <summary>Names an image for a disk that is to come.</summary>
    public static QmpCommand<BlockdevOptions, QmpNothing> BlockdevAdd { get; } = new(
        "blockdev-add", BlockdevOptions.Shape, QmpNothing.Shape);

    /// <summary>Forgets an image that no disk uses.</summary>
    public static QmpCommand<NodeNameArguments, QmpNothing> BlockdevDel { get; } = new(
        "blockdev-del", NodeNameArguments.Shape, QmpNothing.Shape);

    /// <summary>The disks.</summary>
    public static QmpCommand<QmpNothing, IReadOnlyList<BlockInfo>> QueryBlock { get; } = new(
        "query-block", QmpNothing.Shape, ListShape.Of(BlockInfo.Shape));

    /// <summary>What they have done.</summary>
    public static QmpCommand<QmpNothing, IReadOnlyList<BlockStats>> QueryBlockstats { get; } = new(
        "query-blockstats", QmpNothing.Shape, ListShape.Of(BlockStats.Shape));

    /// <summary>The images, those that no disk uses included.</summary>
    public static QmpCommand<QmpNothing, IReadOnlyList<BlockDeviceInfo>> QueryNamedBlockNodes { get; } = new(
        "query-named-block-nodes", QmpNothing.Shape, ListShape.Of(BlockDeviceInfo.Shape));

    /// <summary>Limits a disk.</summary>
    public static QmpCommand<IoThrottle, QmpNothing> BlockSetIoThrottle { get; } = new(
        "block_set_io_throttle", IoThrottle.Shape, QmpNothing.Shape);

    /// <summary>Makes the image of a disk another size.</summary>
    public static QmpCommand<BlockResizeArguments, QmpNothing> BlockResize { get; } = new(
        "block_resize", BlockResizeArguments.Shape, QmpNothing.Shape);
}

/// <summary>What an image is behind.</summary>
public enum BlockdevDriver
{
    /// <summary>The bytes as they are.</summary>
    Raw,
    /// <summary>A file.</summary>
    File,
    /// <summary>A block device of the host.</summary>
    HostDevice,
}

/// <summary>Whether the guest may give blocks back.</summary>
public enum BlockdevDiscard
{
    /// <summary>It may, and nothing happens.</summary>
    Ignore,
    /// <summary>It may.</summary>
    Unmap,
}

/// <summary>How I/O is done.</summary>
public enum BlockdevAio
{
    /// <summary>By a few threads.</summary>
    Threads,
    /// <summary>By io_uring.</summary>
    IoUring,
}

/// <summary>How the host's cache is used.</summary>
public sealed class BlockdevCache
{
    /// <summary>Not at all.</summary>
    public bool? Direct { get; init; }

    /// <summary>A guest's flush does nothing. Not to be had.</summary>
    public bool? NoFlush { get; init; }

    private static readonly ObjectShape Form = new(nameof(BlockdevCache), Carry);

    internal static Shape<BlockdevCache> Shape => new(Form);

    private static BlockdevCache Carry(Members json, object? value)
    {
        var it = (BlockdevCache?)value;
        return new BlockdevCache
        {
            Direct = json.OptionalFlag("direct", it?.Direct),
            NoFlush = json.OptionalFlag("no-flush", it?.NoFlush),
        };
    }
}

/// <summary>An image. As QEMU has it, <c>raw</c> over a <c>file</c>; the outer driver may be left out, as StratoVirt does.</summary>
public sealed class BlockdevOptions
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
        (BlockdevOptions)Form.ReadArguments(file, "file");

    private static readonly ObjectShape Form = new(nameof(BlockdevOptions), Carry);

    internal static Shape<BlockdevOptions> Shape => new(Form);

    private static BlockdevOptions Carry(Members json, object? value)
    {
        var it = (BlockdevOptions?)value;
        return new BlockdevOptions
        {
            Driver = json.OptionalWord("driver", it?.Driver, Words.BlockdevDriver),
            NodeName = json.OptionalText("node-name", it?.NodeName),
            ReadOnly = json.OptionalFlag("read-only", it?.ReadOnly),
            Cache = json.OptionalRecord("cache", it?.Cache, BlockdevCache.Shape),
            Discard = json.OptionalWord("discard", it?.Discard, Words.BlockdevDiscard),
            Aio = json.OptionalWord("aio", it?.Aio, Words.BlockdevAio),
            Filename = json.OptionalText("filename", it?.Filename),
            File = json.OptionalAnything("file", it?.File),
        };
    }
}

/// <summary>The name of an image.</summary>
public sealed class NodeNameArguments
{
    /// <summary>The name.</summary>
    public required string NodeName { get; init; }

    private static readonly ObjectShape Form = new(nameof(NodeNameArguments), Carry);

    internal static Shape<NodeNameArguments> Shape => new(Form);

    private static NodeNameArguments Carry(Members json, object? value)
    {
        var it = (NodeNameArguments?)value;
        return new NodeNameArguments
        {
            NodeName = json.Text("node-name", it?.NodeName),
        };
    }
}

/// <summary>What a disk's image is to become.</summary>
public sealed class BlockResizeArguments
{
    /// <summary>The disk.</summary>
    public string? Device { get; init; }

    /// <summary>Its image.</summary>
    public string? NodeName { get; init; }

    /// <summary>Bytes.</summary>
    public required long Size { get; init; }

    private static readonly ObjectShape Form = new(nameof(BlockResizeArguments), Carry);

    internal static Shape<BlockResizeArguments> Shape => new(Form);

    private static BlockResizeArguments Carry(Members json, object? value)
    {
        var it = (BlockResizeArguments?)value;
        return new BlockResizeArguments
        {
            Device = json.OptionalText("device", it?.Device),
            NodeName = json.OptionalText("node-name", it?.NodeName),
            Size = json.Int64("size", it?.Size),
        };
    }
}

/// <summary>The limits of a disk; 0 is no limit. Those of one direction alone are not to be had.</summary>
public sealed class IoThrottle
{
    /// <summary>The disk, by its older name.</summary>
    public string? Device { get; init; }

    /// <summary>The disk.</summary>
    public string? Id { get; init; }

    /// <summary>Bytes a second.</summary>
    public required long Bps { get; init; }

    /// <summary>Bytes read a second.</summary>
    public required long BpsRead { get; init; }

    /// <summary>Bytes written a second.</summary>
    public required long BpsWrite { get; init; }

    /// <summary>Operations a second.</summary>
    public required long Iops { get; init; }

    /// <summary>Reads a second.</summary>
    public required long IopsRead { get; init; }

    /// <summary>Writes a second.</summary>
    public required long IopsWrite { get; init; }

    /// <summary>Bytes that may go at once on top.</summary>
    public long? BpsMax { get; init; }

    /// <summary>Operations that may go at once on top.</summary>
    public long? IopsMax { get; init; }

    private static readonly ObjectShape Form = new(nameof(IoThrottle), Carry);

    internal static Shape<IoThrottle> Shape => new(Form);

    private static IoThrottle Carry(Members json, object? value)
    {
        var it = (IoThrottle?)value;
        return new IoThrottle
        {
            Device = json.OptionalText("device", it?.Device),
            Id = json.OptionalText("id", it?.Id),
            Bps = json.Int64("bps", it?.Bps),
            BpsRead = json.Int64("bps_rd", it?.BpsRead),
            BpsWrite = json.Int64("bps_wr", it?.BpsWrite),
            Iops = json.Int64("iops", it?.Iops),
            IopsRead = json.Int64("iops_rd", it?.IopsRead),
            IopsWrite = json.Int64("iops_wr", it?.IopsWrite),
            BpsMax = json.OptionalInt64("bps_max", it?.BpsMax),
            IopsMax = json.OptionalInt64("iops_max", it?.IopsMax),
        };
    }
}
