using StratoVirt.Qmp.Shapes;

namespace StratoVirt.Qmp.Commands;

/// <summary>The host's side of network cards, and their links.</summary>
public static class NetworkCommands
{
    /// <summary>Names a host's side for a card that is to come.</summary>
    public static QmpCommand<NetdevOptions, QmpNothing> NetdevAdd { get; } = new(
        "netdev_add", NetdevOptions.Shape, QmpNothing.Shape);

    /// <summary>Forgets one that no card uses.</summary>
    public static QmpCommand<IdArguments, QmpNothing> NetdevDel { get; } = new(
        "netdev_del", IdArguments.Shape, QmpNothing.Shape);

    /// <summary>Plugs a card's cable in or out.</summary>
    public static QmpCommand<SetLinkArguments, QmpNothing> SetLink { get; } = new(
        "set_link", SetLinkArguments.Shape, QmpNothing.Shape);
}

/// <summary>What a card is connected to.</summary>
public enum NetdevType
{
    /// <summary>A tap interface.</summary>
    Tap,
    /// <summary>A network of the user's own (passt here, slirp in QEMU).</summary>
    User,
}

/// <summary>The host's side of a card.</summary>
public sealed class NetdevOptions
{
    /// <summary>What it is; a tap when left out, as StratoVirt does.</summary>
    public NetdevType? Type { get; init; }

    /// <summary>What others call it by.</summary>
    public required string Id { get; init; }

    /// <summary>Of a tap: its interface.</summary>
    public string? Ifname { get; init; }

    /// <summary>Of a tap, instead of an interface: a descriptor that <c>getfd</c> has named, or the number of one that this
    /// process was started with.</summary>
    public string? Fd { get; init; }

    /// <summary>Of a tap with several queues: descriptors that <c>getfd</c> has named, with colons between them.</summary>
    public string? Fds { get; init; }

    /// <summary>Of a tap: queue pairs.</summary>
    public int? Queues { get; init; }

    /// <summary>Of a tap: <c>no</c>, because no script is run.</summary>
    public string? Script { get; init; }

    /// <summary>Of a tap: <c>no</c>, because no script is run.</summary>
    public string? Downscript { get; init; }

    /// <summary>Of a tap that is named: whether the host's kernel moves the frames.</summary>
    public bool? Vhost { get; init; }

    /// <summary>Of a user's network: ports forwarded to the guest, <c>tcp::2222-:22</c>.</summary>
    public IReadOnlyList<StringObject>? Hostfwd { get; init; }

    private static readonly ObjectShape Form = new(nameof(NetdevOptions), Carry);

    internal static Shape<NetdevOptions> Shape => new(Form);

    private static NetdevOptions Carry(Members json, object? value)
    {
        var it = (NetdevOptions?)value;
        return new NetdevOptions
        {
            Type = json.OptionalWord("type", it?.Type, Words.NetdevType),
            Id = json.Text("id", it?.Id),
            Ifname = json.OptionalText("ifname", it?.Ifname),
            Fd = json.OptionalText("fd", it?.Fd),
            Fds = json.OptionalText("fds", it?.Fds),
            Queues = json.OptionalInt32("queues", it?.Queues),
            Script = json.OptionalText("script", it?.Script),
            Downscript = json.OptionalText("downscript", it?.Downscript),
            Vhost = json.OptionalFlag("vhost", it?.Vhost),
            Hostfwd = json.OptionalList("hostfwd", it?.Hostfwd, StringObject.Shape),
        };
    }
}

/// <summary>A text in an object, as QEMU has lists of text here.</summary>
public sealed class StringObject
{
    /// <summary>The text.</summary>
    public required string Str { get; init; }

    private static readonly ObjectShape Form = new(nameof(StringObject), Carry);

    internal static Shape<StringObject> Shape => new(Form);

    private static StringObject Carry(Members json, object? value)
    {
        var it = (StringObject?)value;
        return new StringObject
        {
            Str = json.Text("str", it?.Str),
        };
    }
}

/// <summary>A card's cable.</summary>
public sealed class SetLinkArguments
{
    /// <summary>The card, or its host's side.</summary>
    public required string Name { get; init; }

    /// <summary>In.</summary>
    public required bool Up { get; init; }

    private static readonly ObjectShape Form = new(nameof(SetLinkArguments), Carry);

    internal static Shape<SetLinkArguments> Shape => new(Form);

    private static SetLinkArguments Carry(Members json, object? value)
    {
        var it = (SetLinkArguments?)value;
        return new SetLinkArguments
        {
            Name = json.Text("name", it?.Name),
            Up = json.Flag("up", it?.Up),
        };
    }
}
