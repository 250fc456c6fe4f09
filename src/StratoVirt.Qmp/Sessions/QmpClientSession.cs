using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using StratoVirt.Qmp.Commands;
using StratoVirt.Qmp.Framing;
using StratoVirt.Qmp.Messages;
using StratoVirt.Qmp.Shapes;

namespace StratoVirt.Qmp.Sessions;

/// <summary>
/// The client's side of one connection, without the connection. The server's greeting is answered by itself; commands
/// may be begun before it has come, and go out behind the negotiation. Not thread-safe.
/// </summary>
public sealed class QmpClientSession
{
    private const ulong Negotiation = 0;

    private readonly JsonFramer _framer = new(QmpLimits.MaxAnswer, QmpLimits.MaxAnswerDepth);
    private readonly Queue<QmpMessage> _messages = new();
    private readonly OutputBuffer _held = new();
    private ulong _lastId = Negotiation;

    /// <summary>What the server is to be sent.</summary>
    public OutputBuffer Output { get; } = new();

    /// <summary>What the server is; null until it has said so.</summary>
    public VersionInfo? Server { get; private set; }

    /// <summary>Whether commands are carried out.</summary>
    public bool IsNegotiated { get; private set; }

    /// <summary>Begins a command.</summary>
    /// <returns>The mark that its answer will have.</returns>
    public ulong Begin<TArguments, TResult>(QmpCommand<TArguments, TResult> command, TArguments arguments)
    {
        ArgumentNullException.ThrowIfNull(command);
        MessageWriter.Request(
            Lane, command.Name, arguments!, arguments is QmpNothing ? null : command.Arguments, ++_lastId);
        return _lastId;
    }

    /// <summary>Begins a command that is known by name only.</summary>
    /// <param name="command">Its name.</param>
    /// <param name="arguments">An object; undefined for none.</param>
    /// <returns>The mark that its answer will have.</returns>
    public ulong Begin(string command, JsonElement arguments)
    {
        bool hasArguments = arguments.ValueKind != JsonValueKind.Undefined;
        MessageWriter.Request(Lane, command, arguments, hasArguments ? Scalars.Anything.Untyped : null, ++_lastId);
        return _lastId;
    }

    /// <summary>Takes what the server sent.</summary>
    /// <exception cref="InvalidDataException">It is no QMP.</exception>
    /// <exception cref="QmpException">The server refused the negotiation.</exception>
    public void Receive(ReadOnlySpan<byte> data)
    {
        ReadOnlySpan<byte> rest = data;
        while (!rest.IsEmpty)
        {
            switch (_framer.Read(ref rest))
            {
                case FrameResult.Message:
                    Take(MessageReader.Read(_framer.Message));
                    break;
                case FrameResult.NeedsMore:
                    break;
                default:
                    throw new InvalidDataException("The server said something too long, too deep or broken.");
            }
        }
    }

    /// <summary>The next message of the server, greeting and negotiation left out; false when there is none now.</summary>
    public bool TryTake([NotNullWhen(true)] out QmpMessage? message) => _messages.TryDequeue(out message);

    private OutputBuffer Lane => IsNegotiated ? Output : _held;

    private void Take(QmpMessage message)
    {
        switch (message)
        {
            case QmpGreeting greeting when Server is null:
                Server = greeting.Version;
                MessageWriter.Request(
                    Output, ProtocolCommands.Capabilities.Name, QmpNothing.Instance, null, Negotiation);
                break;
            case QmpAnswer answer when !IsNegotiated:
                if (answer.Error is { } refused)
                {
                    throw refused;
                }

                IsNegotiated = true;
                System.Buffers.BuffersExtensions.Write(Output, _held.Unsent);
                _held.Sent(_held.Length);
                break;
            case QmpGreeting:
                throw new InvalidDataException("The server greeted twice.");
            default:
                _messages.Enqueue(message);
                break;
        }
    }
}
