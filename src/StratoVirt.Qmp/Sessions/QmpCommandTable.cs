using System.Text.Json;
using StratoVirt.Qmp.Commands;
using StratoVirt.Qmp.Messages;
using StratoVirt.Qmp.Shapes;

namespace StratoVirt.Qmp.Sessions;

/// <summary>The commands and events of a server, and who carries them out. Filled before the first session begins.</summary>
public sealed class QmpCommandTable
{
    private readonly Dictionary<string, (QmpCommand Command, Action<QmpServerSession, long, JsonElement> Handler)> _commands =
        new(StringComparer.Ordinal);

    private readonly List<QmpEvent> _events = [];
    private readonly Func<Exception, QmpException?> _translate;

    /// <summary>Makes a table with the commands that ask about the server itself.</summary>
    /// <param name="version">What the server is.</param>
    /// <param name="translate">Puts failures of handlers into QMP's terms; null for those that are mistakes of ours.</param>
    public QmpCommandTable(VersionInfo version, Func<Exception, QmpException?> translate)
    {
        Version = version;
        _translate = translate;
        Add(ProtocolCommands.QueryVersion, _ => Version);
        Add(ProtocolCommands.QueryCommands, _ => [.. _commands.Values.Select(entry => new NamedInfo { Name = entry.Command.Name })]);
        Add(ProtocolCommands.QueryEvents, _ => [.. _events.Select(happening => new NamedInfo { Name = happening.Name })]);
        Add(ProtocolCommands.QueryQmpSchema, _ => SchemaBuilder.Build(_commands.Values.Select(entry => entry.Command), _events));
        AddPending(ProtocolCommands.Capabilities, (_, reply) => reply.Fail(new QmpException(
            QmpErrorClass.CommandNotFound, "Capabilities negotiation is already complete, command ignored")));
    }

    /// <summary>What the server is.</summary>
    public VersionInfo Version { get; }

    /// <summary>The commands, in the order they were added.</summary>
    public IEnumerable<QmpCommand> Commands => _commands.Values.Select(entry => entry.Command);

    /// <summary>The events it may send.</summary>
    public IReadOnlyList<QmpEvent> Events => _events;

    /// <summary>Adds a command that is carried out at once.</summary>
    public void Add<TArguments, TResult>(QmpCommand<TArguments, TResult> command, Func<TArguments, TResult> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        AddPending(command, (arguments, reply) => reply.Return(handler(arguments)));
    }

    /// <summary>Adds a command whose handler answers when it can. Until then the client's next command waits.</summary>
    public void AddPending<TArguments, TResult>(
        QmpCommand<TArguments, TResult> command, Action<TArguments, QmpReply<TResult>> handler)
    {
        ArgumentNullException.ThrowIfNull(command);
        ArgumentNullException.ThrowIfNull(handler);
        _commands.Add(command.Name, (command, (session, turn, arguments) => handler(
            ArgumentCheck.Read(arguments, command.Arguments), new QmpReply<TResult>(session, command.Result, turn))));
    }

    /// <summary>Says that an event may be sent.</summary>
    public void Add(QmpEvent happening) => _events.Add(happening);

    internal void Invoke(QmpServerSession session, long turn, string command, JsonElement arguments)
    {
        if (!_commands.TryGetValue(command, out var entry))
        {
            throw new QmpException(QmpErrorClass.CommandNotFound, $"The command {command} has not been found");
        }

        entry.Handler(session, turn, arguments);
    }

    internal QmpException? Translate(Exception failure) => failure as QmpException ?? _translate(failure);
}
