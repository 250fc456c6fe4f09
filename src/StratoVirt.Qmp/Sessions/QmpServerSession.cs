using System.Text.Json;
using StratoVirt.Qmp.Commands;
using StratoVirt.Qmp.Framing;
using StratoVirt.Qmp.Messages;
using StratoVirt.Qmp.Shapes;

namespace StratoVirt.Qmp.Sessions;

/// <summary>
/// The server's side of one connection, without the connection: bytes go in, bytes come out. Commands are carried out
/// one after the other; while one is pending, or too much waits for the client to read, no further byte is taken.
/// Not thread-safe: everything happens on the thread of whoever owns it.
/// </summary>
public sealed class QmpServerSession
{
    private readonly QmpCommandTable _commands;
    private readonly JsonFramer _framer = new(QmpLimits.MaxCommand, QmpLimits.MaxCommandDepth);
    private readonly Action<Exception> _onMistake;
    private byte[]? _id;
    private long _turn;
    private bool _isPending;
    private bool _isNegotiated;
    private bool _isReceiving;

    /// <summary>Begins with the greeting.</summary>
    /// <param name="commands">What the server can do.</param>
    /// <param name="onMistake">Told of exceptions of handlers that nobody expects; the client gets an error.</param>
    public QmpServerSession(QmpCommandTable commands, Action<Exception> onMistake)
    {
        ArgumentNullException.ThrowIfNull(commands);
        _commands = commands;
        _onMistake = onMistake;
        MessageWriter.Greeting(Output, commands.Version);
    }

    /// <summary>What the client is to be sent.</summary>
    public OutputBuffer Output { get; } = new();

    /// <summary>Whether bytes of the client can be taken now.</summary>
    public bool IsReady => !_isPending && Output.Length < QmpLimits.HoldBackUnread;

    /// <summary>Whether the client has let too much pile up, and missed events: it has to be cut off.</summary>
    public bool IsOverrun { get; private set; }

    /// <summary>Bytes of memory held for the client.</summary>
    public int Memory => _framer.Capacity + Output.Capacity;

    /// <summary>Called when a command has been answered later than in <see cref="Receive"/>: there is output, and bytes
    /// may be taken.</summary>
    public Action? Answered { get; set; }

    /// <summary>Takes what the client sent, as far as it can.</summary>
    /// <returns>Bytes taken. The rest is to be given again when <see cref="IsReady"/>.</returns>
    public int Receive(ReadOnlySpan<byte> data)
    {
        ReadOnlySpan<byte> rest = data;
        _isReceiving = true;
        while (!rest.IsEmpty && IsReady)
        {
            switch (_framer.Read(ref rest))
            {
                case FrameResult.Message:
                    Handle(_framer.Message);
                    break;
                case FrameResult.TooLong:
                    Refuse($"JSON token size limit exceeded: a command has {QmpLimits.MaxCommand} bytes at most");
                    break;
                case FrameResult.TooDeep:
                    Refuse($"JSON nesting depth limit exceeded: {QmpLimits.MaxCommandDepth} at most");
                    break;
                case FrameResult.BrokenString:
                    Refuse("JSON parse error, control character in a string");
                    break;
            }
        }

        _isReceiving = false;
        return data.Length - rest.Length;
    }

    /// <summary>Tells the client that something has happened, if it has negotiated.</summary>
    public void Send<T>(QmpEvent<T> happening, T data, DateTimeOffset time)
    {
        ArgumentNullException.ThrowIfNull(happening);
        if (!_isNegotiated || IsOverrun)
        {
            return;
        }

        MessageWriter.Event(Output, happening.Name, time, data!, data is QmpNothing ? null : happening.Data);
        IsOverrun = Output.Length > QmpLimits.MaxUnread;
    }

    internal void Return(long turn, object result, Shape shape)
    {
        if (turn == _turn && _isPending)
        {
            int before = Output.Length;
            try
            {
                MessageWriter.Return(Output, result, shape, _id);
            }
            catch
            {
                // Half an answer would spoil all that come behind it.
                Output.Cut(before);
                throw;
            }

            Finish();
        }
    }

    internal void Fail(long turn, Exception failure)
    {
        if (turn == _turn && _isPending)
        {
            MessageWriter.Error(Output, Describe(failure), _id);
            Finish();
        }
    }

    private void Handle(ReadOnlyMemory<byte> message)
    {
        QmpRequest request = QmpRequest.Parse(message, out JsonDocument? document);
        using (document)
        {
            _id = request.Id;
            _isPending = true;
            long turn = ++_turn;
            try
            {
                if (request.Fault is { } fault)
                {
                    throw fault;
                }

                Carry(request, turn);
            }
#pragma warning disable CA1031 // A handler's mistake is answered and reported; it must not end the other clients' service.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                Fail(turn, failure);
            }
        }
    }

    private void Carry(QmpRequest request, long turn)
    {
        if (_isNegotiated)
        {
            _commands.Invoke(this, turn, request.Command, request.Arguments);
            return;
        }

        if (request.Command != ProtocolCommands.Capabilities.Name)
        {
            throw new QmpException(
                QmpErrorClass.CommandNotFound, $"Expecting capabilities negotiation with '{ProtocolCommands.Capabilities.Name}'");
        }

        CapabilitiesArguments wanted = ProtocolCommands.Capabilities.ReadArguments(request.Arguments);
        if (wanted.Enable is { Count: > 0 } capabilities)
        {
            throw QmpException.Generic($"Capability {capabilities[0]} not available");
        }

        _isNegotiated = true;
        Return(turn, QmpNothing.Instance, ProtocolCommands.Capabilities.Result);
    }

    private void Finish()
    {
        _isPending = false;
        _id = null;
        if (!_isReceiving)
        {
            Answered?.Invoke();
        }
    }

    private void Refuse(string description) => MessageWriter.Error(Output, QmpException.Generic(description), null);

    private QmpException Describe(Exception failure)
    {
        if (_commands.Translate(failure) is { } known)
        {
            return known;
        }

        _onMistake(failure);
        return QmpException.Generic($"The command failed in a way nobody expected: {failure.GetType().Name}");
    }
}
