using StratoVirt.Qmp.Shapes;

namespace StratoVirt.Qmp.Commands;

/// <summary>The host's side of consoles and ports.</summary>
public static class CharacterCommands
{
    /// <summary>Names a host's side for a port that is to come.</summary>
    public static QmpCommand<ChardevAddArguments, QmpNothing> ChardevAdd { get; } = new(
        "chardev-add", ChardevAddArguments.Shape, QmpNothing.Shape);

    /// <summary>Forgets one that no port uses.</summary>
    public static QmpCommand<IdArguments, QmpNothing> ChardevRemove { get; } = new(
        "chardev-remove", IdArguments.Shape, QmpNothing.Shape);

    /// <summary>Those there are.</summary>
    public static QmpCommand<QmpNothing, IReadOnlyList<ChardevInfo>> QueryChardev { get; } = new(
        "query-chardev", QmpNothing.Shape, ListShape.Of(ChardevInfo.Shape));
}

/// <summary>What is at a port's host end.</summary>
public enum ChardevKind
{
    /// <summary>A Unix socket that listens.</summary>
    Socket,
    /// <summary>A file that output is appended to.</summary>
    File,
    /// <summary>A named pipe.</summary>
    Pipe,
    /// <summary>History in memory.</summary>
    Ringbuf,
}

/// <summary>A new host's side.</summary>
public sealed class ChardevAddArguments
{
    /// <summary>What others call it by.</summary>
    public required string Id { get; init; }

    /// <summary>What it is.</summary>
    public required ChardevBackend Backend { get; init; }

    private static readonly ObjectShape Form = new(nameof(ChardevAddArguments), Carry);

    internal static Shape<ChardevAddArguments> Shape => new(Form);

    private static ChardevAddArguments Carry(Members json, object? value)
    {
        var it = (ChardevAddArguments?)value;
        return new ChardevAddArguments
        {
            Id = json.Text("id", it?.Id),
            Backend = json.Record("backend", it?.Backend, ChardevBackend.Shape),
        };
    }
}

/// <summary>What a host's side is.</summary>
public sealed class ChardevBackend
{
    /// <summary>Its kind.</summary>
    public required ChardevKind Type { get; init; }

    /// <summary>More about it.</summary>
    public required ChardevData Data { get; init; }

    private static readonly ObjectShape Form = new(nameof(ChardevBackend), Carry);

    internal static Shape<ChardevBackend> Shape => new(Form);

    private static ChardevBackend Carry(Members json, object? value)
    {
        var it = (ChardevBackend?)value;
        return new ChardevBackend
        {
            Type = json.Word("type", it?.Type, Words.ChardevKind),
            Data = json.Record("data", it?.Data, ChardevData.Shape),
        };
    }
}

/// <summary>More about a host's side; which members go with which kind is said of each.</summary>
public sealed class ChardevData
{
    /// <summary>Of a socket: where.</summary>
    public SocketAddress? Addr { get; init; }

    /// <summary>Of a socket: true, because it listens.</summary>
    public bool? Server { get; init; }

    /// <summary>Of a socket: false, because nobody waits for a client.</summary>
    public bool? Wait { get; init; }

    /// <summary>Of a file: its path.</summary>
    public string? Out { get; init; }

    /// <summary>Of a file: true, because it is appended to.</summary>
    public bool? Append { get; init; }

    /// <summary>Of a pipe: its path.</summary>
    public string? Device { get; init; }

    private static readonly ObjectShape Form = new(nameof(ChardevData), Carry);

    internal static Shape<ChardevData> Shape => new(Form);

    private static ChardevData Carry(Members json, object? value)
    {
        var it = (ChardevData?)value;
        return new ChardevData
        {
            Addr = json.OptionalRecord("addr", it?.Addr, SocketAddress.Shape),
            Server = json.OptionalFlag("server", it?.Server),
            Wait = json.OptionalFlag("wait", it?.Wait),
            Out = json.OptionalText("out", it?.Out),
            Append = json.OptionalFlag("append", it?.Append),
            Device = json.OptionalText("device", it?.Device),
        };
    }
}

/// <summary>Where a socket is.</summary>
public sealed class SocketAddress
{
    /// <summary>Its family.</summary>
    public required SocketFamily Type { get; init; }

    /// <summary>Its address.</summary>
    public required UnixSocketAddress Data { get; init; }

    private static readonly ObjectShape Form = new(nameof(SocketAddress), Carry);

    internal static Shape<SocketAddress> Shape => new(Form);

    private static SocketAddress Carry(Members json, object? value)
    {
        var it = (SocketAddress?)value;
        return new SocketAddress
        {
            Type = json.Word("type", it?.Type, Words.SocketFamily),
            Data = json.Record("data", it?.Data, UnixSocketAddress.Shape),
        };
    }
}

/// <summary>A family of sockets.</summary>
public enum SocketFamily
{
    /// <summary>Files of this host.</summary>
    Unix,
}

/// <summary>The address of a Unix socket.</summary>
public sealed class UnixSocketAddress
{
    /// <summary>Its path.</summary>
    public required string Path { get; init; }

    private static readonly ObjectShape Form = new(nameof(UnixSocketAddress), Carry);

    internal static Shape<UnixSocketAddress> Shape => new(Form);

    private static UnixSocketAddress Carry(Members json, object? value)
    {
        var it = (UnixSocketAddress?)value;
        return new UnixSocketAddress
        {
            Path = json.Text("path", it?.Path),
        };
    }
}

/// <summary>A host's side.</summary>
public sealed class ChardevInfo
{
    /// <summary>Its name.</summary>
    public required string Label { get; init; }

    /// <summary>What it is and where.</summary>
    public required string Filename { get; init; }

    /// <summary>Whether something of the machine uses it.</summary>
    public required bool FrontendOpen { get; init; }

    private static readonly ObjectShape Form = new(nameof(ChardevInfo), Carry);

    internal static Shape<ChardevInfo> Shape => new(Form);

    private static ChardevInfo Carry(Members json, object? value)
    {
        var it = (ChardevInfo?)value;
        return new ChardevInfo
        {
            Label = json.Text("label", it?.Label),
            Filename = json.Text("filename", it?.Filename),
            FrontendOpen = json.Flag("frontend-open", it?.FrontendOpen),
        };
    }
}
