using System.Text.Json;
using StratoVirt.Qmp.Commands;
using StratoVirt.Qmp.Messages;
using StratoVirt.Qmp.Shapes;

namespace StratoVirt.Qmp.Sessions;

/// <summary>The commands and events of a server, and who carries them out. Filled before the first session begins.</summary>
public sealed class QmpCommandTable
{
    private readonly Dictionary<string, Entry> _commands = new(StringComparer.Ordinal);
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
        Add(ProtocolCommands.QueryCommands, _ => Commands.ConvertAll(command => new NamedInfo { Name = command.Name }));
        Add(ProtocolCommands.QueryEvents, _ => _events.ConvertAll(happening => new NamedInfo { Name = happening.Name }));
        Add(ProtocolCommands.QueryQmpSchema, _ => SchemaBuilder.Build(Commands, _events));
        AddPending(ProtocolCommands.Capabilities, (_, reply) => reply.Fail(new QmpException(
            QmpErrorClass.CommandNotFound, "Capabilities negotiation is already complete, command ignored")));
    }

    /// <summary>What the server is.</summary>
    public VersionInfo Version { get; }

    /// <summary>Adds a command that is carried out at once.</summary>
    public void Add<TArguments, TResult>(QmpCommand<TArguments, TResult> command, Func<TArguments, TResult> handler)
    {
        ArgumentNullException.ThrowIfNull(command);
        ArgumentNullException.ThrowIfNull(handler);
        _commands.Add(command.Name, new Immediate<TArguments, TResult>(command, handler));
    }

    /// <summary>Adds a command whose handler answers when it can. Until then the client's next command waits.</summary>
    public void AddPending<TArguments, TResult>(
        QmpCommand<TArguments, TResult> command, Action<TArguments, QmpReply<TResult>> handler)
    {
        ArgumentNullException.ThrowIfNull(command);
        ArgumentNullException.ThrowIfNull(handler);
        _commands.Add(command.Name, new Pending<TArguments, TResult>(command, handler));
    }

    /// <summary>Says that an event may be sent.</summary>
    public void Add(QmpEvent happening) => _events.Add(happening);

    internal void Invoke(QmpServerSession session, long turn, string command, JsonElement arguments)
    {
        if (!_commands.TryGetValue(command, out Entry? entry))
        {
            throw new QmpException(QmpErrorClass.CommandNotFound, $"The command {command} has not been found");
        }

        entry.Invoke(session, turn, arguments);
    }

    internal QmpException? Translate(Exception failure) => failure as QmpException ?? _translate(failure);

    private List<QmpCommand> Commands
    {
        get
        {
            var commands = new List<QmpCommand>(_commands.Count);
            foreach (Entry entry in _commands.Values)
            {
                commands.Add(entry.Command);
            }

            return commands;
        }
    }

    private abstract class Entry(QmpCommand command)
    {
        public QmpCommand Command => command;

        public abstract void Invoke(QmpServerSession session, long turn, JsonElement arguments);
    }

    private sealed class Immediate<TArguments, TResult>(QmpCommand<TArguments, TResult> command, Func<TArguments, TResult> handler)
        : Entry(command)
    {
        public override void Invoke(QmpServerSession session, long turn, JsonElement arguments) =>
            session.Return(turn, handler(command.ReadArguments(arguments))!, command.Result);
    }

    private sealed class Pending<TArguments, TResult>(
        QmpCommand<TArguments, TResult> command, Action<TArguments, QmpReply<TResult>> handler) : Entry(command)
    {
        public override void Invoke(QmpServerSession session, long turn, JsonElement arguments) => handler(
            command.ReadArguments(arguments), new QmpReply<TResult>(session, command.Result, turn));
    }
}
