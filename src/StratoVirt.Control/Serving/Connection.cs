using StratoVirt.Linux;
using StratoVirt.Linux.Events;
using StratoVirt.Linux.Handles;
using StratoVirt.Linux.Net;
using StratoVirt.Qmp.Sessions;

namespace StratoVirt.Control.Serving;

/// <summary>One client: moves bytes between its socket and its session, as far as either goes without waiting. All of
/// it on the control thread.</summary>
internal sealed class Connection : IDisposable
{
    private readonly UnixSocket _socket;
    private readonly EventRegistration _watched;
    private readonly byte[] _receiveBuffer;
    private readonly Action<Connection> _onEnd;
    private readonly MemoryBudget _budget;
    private readonly Action<Enclosures?> _onTurn;
    private readonly Enclosures _enclosures = new();
    private readonly FileDescriptor?[] _received = new FileDescriptor?[UnixSocket.MaxDescriptors];
    private byte[] _rest = [];
    private EpollEvents _interest = EpollEvents.In;
    private bool _isEnded;
    private bool _inputEnded;
    private bool _isHungUp;
    private int _charged;

    /// <summary>Begins to serve a client.</summary>
    /// <param name="socket">His; owned.</param>
    /// <param name="session">The protocol.</param>
    /// <param name="loop">The loop whose thread this is.</param>
    /// <param name="receiveBuffer">Used while a handler runs, and shared among connections.</param>
    /// <param name="budget">What all clients together may hold of memory.</param>
    /// <param name="onTurn">Told whose commands are carried out from now on, by what came beside them; null for nobody's.</param>
    /// <param name="onEnd">Told that the client has gone or was cut off.</param>
    public Connection(
        UnixSocket socket,
        QmpServerSession session,
        EventLoop loop,
        byte[] receiveBuffer,
        MemoryBudget budget,
        Action<Enclosures?> onTurn,
        Action<Connection> onEnd)
    {
        _onTurn = onTurn;
        _budget = budget;
        _socket = socket;
        Session = session;
        _receiveBuffer = receiveBuffer;
        _onEnd = onEnd;
        Session.Answered = Advance;
        _watched = loop.Add(socket, _interest, OnReady);
    }

    /// <summary>The protocol.</summary>
    public QmpServerSession Session { get; }

    /// <summary>Sends what there is and takes what was held back; watches for what cannot be done now.</summary>
    public void Advance()
    {
        Flush();
        while (!_isEnded && Session.IsReady && (_rest.Length > 0 || _isHungUp))
        {
            if (_rest.Length > 0)
            {
                byte[] rest = _rest;
                _rest = [];
                _rest = rest[Take(rest)..];
            }
            else if (!TryReceive())
            {
                End();
            }

            Flush();
        }

        if (_isEnded)
        {
            return;
        }

        bool isDone = _inputEnded && _rest.Length == 0 && Session.IsReady && Session.Output.Length == 0;
        if (isDone || Session.IsOverrun || !_budget.Charge(ref _charged, Session.Memory + _rest.Length))
        {
            End();
            return;
        }

        Watch();
    }

    /// <summary>Closes the connection. Not reported.</summary>
    public void Dispose()
    {
        if (!_isEnded)
        {
            _isEnded = true;
            if (!_isHungUp)
            {
                _watched.Dispose();
            }

            _socket.Dispose();
            _enclosures.Dispose();
            _ = _budget.Charge(ref _charged, 0);
        }
    }

    private void OnReady(EpollEvents ready)
    {
        if (ready.HasFlag(EpollEvents.Error))
        {
            End();
            return;
        }

        if (ready.HasFlag(EpollEvents.HangUp))
        {
            // Nobody will read an answer, but what was sent before is carried out. The kernel would report this for ever.
            _isHungUp = true;
            _watched.Dispose();
        }
        else if (ready.HasFlag(EpollEvents.In) && _rest.Length == 0 && Session.IsReady)
        {
            _ = TryReceive();
        }

        Advance();
    }

    /// <summary>False when there is nothing to be had now.</summary>
    private bool TryReceive()
    {
        Errno errno = _socket.Receive(_receiveBuffer, _received, out int count, out int received);
        foreach (FileDescriptor? descriptor in _received.AsSpan(0, received))
        {
            _enclosures.Add(descriptor!);
        }

        if (count > 0)
        {
            Span<byte> data = _receiveBuffer.AsSpan(0, count);
            _rest = data[Take(data)..].ToArray();
            return true;
        }

        _inputEnded |= errno != Errno.Again;
        return false;
    }

    private int Take(ReadOnlySpan<byte> data)
    {
        _onTurn(_enclosures);
        try
        {
            return Session.Receive(data);
        }
        finally
        {
            _onTurn(null);
        }
    }

    private void Flush()
    {
        while (!_isEnded && Session.Output.Length > 0)
        {
            if (_isHungUp)
            {
                Session.Output.Sent(Session.Output.Length);
                return;
            }

            Errno errno = _socket.Send(Session.Output.Unsent, out int count);
            if (errno == Errno.Again)
            {
                return;
            }

            if (errno != Errno.None)
            {
                End();
                return;
            }

            Session.Output.Sent(count);
        }
    }

    private void Watch()
    {
        if (_isHungUp)
        {
            return;
        }

        EpollEvents wanted = (!_inputEnded && _rest.Length == 0 && Session.IsReady ? EpollEvents.In : EpollEvents.None)
            | (Session.Output.Length > 0 ? EpollEvents.Out : EpollEvents.None);
        if (wanted != _interest)
        {
            _interest = wanted;
            _watched.Modify(wanted);
        }
    }

    private void End()
    {
        if (!_isEnded)
        {
            Dispose();
            _onEnd(this);
        }
    }
}
