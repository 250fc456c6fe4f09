using System.Text.Json.Serialization;

namespace StratoVirt.Qmp.Commands;

/// <summary>The host's side of network cards, and their links.</summary>
public static class NetworkCommands
{
    /// <summary>Names a host's side for a card that is to come.</summary>
    public static QmpCommand<NetdevOptions, QmpNothing> NetdevAdd { get; } = new(
        "netdev_add", () => QmpJsonContext.Default.NetdevOptions, () => QmpJsonContext.Default.QmpNothing);

    /// <summary>Forgets one that no card uses.</summary>
    public static QmpCommand<IdArguments, QmpNothing> NetdevDel { get; } = new(
        "netdev_del", () => QmpJsonContext.Default.IdArguments, () => QmpJsonContext.Default.QmpNothing);

    /// <summary>Plugs a card's cable in or out.</summary>
    public static QmpCommand<SetLinkArguments, QmpNothing> SetLink { get; } = new(
        "set_link", () => QmpJsonContext.Default.SetLinkArguments, () => QmpJsonContext.Default.QmpNothing);
}

/// <summary>What a card is connected to.</summary>
[JsonConverter(typeof(KebabWords<NetdevType>))]
public enum NetdevType
{
    /// <summary>A tap interface.</summary>
    Tap,
    /// <summary>A network of the user's own (passt here, slirp in QEMU).</summary>
    User,
}

/// <summary>The host's side of a card.</summary>
public sealed record NetdevOptions
{
    /// <summary>What it is; a tap when left out, as StratoVirt does.</summary>
    public NetdevType? Type { get; init; }

    /// <summary>What others call it by.</summary>
    public required string Id { get; init; }

    /// <summary>Of a tap: its interface.</summary>
    public string? Ifname { get; init; }

    /// <summary>Of a tap: the number of an open descriptor of this process, instead of an interface.</summary>
    public string? Fd { get; init; }

    /// <summary>Of a tap: queue pairs.</summary>
    public int? Queues { get; init; }

    /// <summary>Of a tap: <c>no</c>, because no script is run.</summary>
    public string? Script { get; init; }

    /// <summary>Of a tap: <c>no</c>, because no script is run.</summary>
    public string? Downscript { get; init; }

    /// <summary>Of a tap: false, because the kernel's vhost is not used.</summary>
    public bool? Vhost { get; init; }

    /// <summary>Of a user's network: ports forwarded to the guest, <c>tcp::2222-:22</c>.</summary>
    public IReadOnlyList<StringObject>? Hostfwd { get; init; }
}

/// <summary>A text in an object, as QEMU has lists of text here.</summary>
public sealed record StringObject
{
    /// <summary>The text.</summary>
    public required string Str { get; init; }
}

/// <summary>A card's cable.</summary>
public sealed record SetLinkArguments
{
    /// <summary>The card, or its host's side.</summary>
    public required string Name { get; init; }

    /// <summary>In.</summary>
    public required bool Up { get; init; }
}
