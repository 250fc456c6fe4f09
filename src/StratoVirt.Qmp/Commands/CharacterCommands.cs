using System.Text.Json.Serialization;

namespace StratoVirt.Qmp.Commands;

/// <summary>The host's side of consoles and ports.</summary>
public static class CharacterCommands
{
    /// <summary>Names a host's side for a port that is to come.</summary>
    public static QmpCommand<ChardevAddArguments, QmpNothing> ChardevAdd { get; } = new(
        "chardev-add", () => QmpJsonContext.Default.ChardevAddArguments, () => QmpJsonContext.Default.QmpNothing);

    /// <summary>Forgets one that no port uses.</summary>
    public static QmpCommand<IdArguments, QmpNothing> ChardevRemove { get; } = new(
        "chardev-remove", () => QmpJsonContext.Default.IdArguments, () => QmpJsonContext.Default.QmpNothing);

    /// <summary>Those there are.</summary>
    public static QmpCommand<QmpNothing, IReadOnlyList<ChardevInfo>> QueryChardev { get; } = new(
        "query-chardev", () => QmpJsonContext.Default.QmpNothing, () => QmpJsonContext.Default.IReadOnlyListChardevInfo);
}

/// <summary>What is at a port's host end.</summary>
[JsonConverter(typeof(KebabWords<ChardevKind>))]
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
public sealed record ChardevAddArguments
{
    /// <summary>What others call it by.</summary>
    public required string Id { get; init; }

    /// <summary>What it is.</summary>
    public required ChardevBackend Backend { get; init; }
}

/// <summary>What a host's side is.</summary>
public sealed record ChardevBackend
{
    /// <summary>Its kind.</summary>
    public required ChardevKind Type { get; init; }

    /// <summary>More about it.</summary>
    public required ChardevData Data { get; init; }
}

/// <summary>More about a host's side; which members go with which kind is said of each.</summary>
public sealed record ChardevData
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
}

/// <summary>Where a socket is.</summary>
public sealed record SocketAddress
{
    /// <summary>Its family.</summary>
    public required SocketFamily Type { get; init; }

    /// <summary>Its address.</summary>
    public required UnixSocketAddress Data { get; init; }
}

/// <summary>A family of sockets.</summary>
[JsonConverter(typeof(KebabWords<SocketFamily>))]
public enum SocketFamily
{
    /// <summary>Files of this host.</summary>
    Unix,
}

/// <summary>The address of a Unix socket.</summary>
public sealed record UnixSocketAddress
{
    /// <summary>Its path.</summary>
    public required string Path { get; init; }
}

/// <summary>A host's side.</summary>
public sealed record ChardevInfo
{
    /// <summary>Its name.</summary>
    public required string Label { get; init; }

    /// <summary>What it is and where.</summary>
    public required string Filename { get; init; }

    /// <summary>Whether something of the machine uses it.</summary>
    public required bool FrontendOpen { get; init; }
}
