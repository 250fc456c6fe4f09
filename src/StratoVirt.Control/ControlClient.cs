using System.Diagnostics;
using System.Text.Json;
using StratoVirt.Linux;
using StratoVirt.Linux.Handles;
using StratoVirt.Linux.Net;
using StratoVirt.Machine;
using StratoVirt.Qmp.Commands;
using StratoVirt.Qmp.Messages;
using StratoVirt.Qmp.Sessions;

namespace StratoVirt.Control;

/// <summary>A connection to the control socket of a machine, of this process or another. Calls wait; one at a time.</summary>
public sealed class ControlClient : IDisposable
{
    /// <summary>Events kept for whoever takes them later; older ones are dropped then.</summary>
    public const int MaxEvents = 1024;

    private const int ReceiveLength = 16 << 10;
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(5);

    private readonly string _path;
    private readonly UnixSocket _socket;
    private readonly Epoll _epoll = Epoll.Create();
    private readonly EventFd _cancelled = EventFd.Create();
    private readonly QmpClientSession _session = new();
    private readonly Queue<QmpHappening> _events = new();
    private readonly byte[] _buffer = new byte[ReceiveLength];
    private EpollEvents _interest = EpollEvents.In;
    private FileDescriptor[] _beside = [];

    private ControlClient(string path, UnixSocket socket)
    {
        _path = path;
        _socket = socket;
        _epoll.Add(socket, _interest, 0);
        _epoll.Add(_cancelled, EpollEvents.In, 0);
    }

    /// <summary>What the server is.</summary>
    public VersionInfo Server => _session.Server!;

    /// <summary>Events dropped because nobody took them.</summary>
    public long EventsLost { get; private set; }

    /// <summary>Connects and negotiates.</summary>
    /// <param name="path">The socket's file.</param>
    /// <param name="timeout">How long all of it may take.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="MachineException"><see cref="MachineErrorId.ControlUnreachable"/> or
    /// <see cref="MachineErrorId.Timeout"/>.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static ControlClient Connect(string path, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        var clock = Stopwatch.StartNew();
        UnixSocket? socket;
        while ((socket = TryConnect(path, out Errno errno)) is null)
        {
            // EAGAIN: others are waiting to be accepted. Nothing tells when there is room.
            if (errno != Errno.Again || clock.Elapsed >= timeout)
            {
                throw Unreachable(path, new LinuxException("connect", errno, path));
            }

            if (cancellationToken.WaitHandle.WaitOne(RetryInterval))
            {
                cancellationToken.ThrowIfCancellationRequested();
            }
        }

        var client = new ControlClient(path, socket);
        try
        {
            client.Exchange(() => client._session.IsNegotiated, "negotiation", timeout - clock.Elapsed, cancellationToken);
            return client;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    /// <summary>Has a command carried out.</summary>
    /// <param name="command">The command.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="timeout">How long to wait for the answer.</param>
    /// <param name="beside">Descriptors that go with it, at most <see cref="UnixSocket.MaxDescriptors"/>; still the caller's.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="QmpException">The machine refused, or failed.</exception>
    /// <exception cref="MachineException"><see cref="MachineErrorId.ControlUnreachable"/>: the connection has ended;
    /// <see cref="MachineErrorId.Timeout"/>: no answer came, but one may.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; the command is carried out all the same.</exception>
    public TResult Execute<TArguments, TResult>(
        QmpCommand<TArguments, TResult> command,
        TArguments arguments,
        TimeSpan timeout,
        IEnumerable<FileDescriptor>? beside = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(command);
        _beside = [.. beside ?? []];
        JsonElement result = Await(_session.Begin(command, arguments), command.Name, timeout, cancellationToken);
        try
        {
            return command.ReadResult(result);
        }
        catch (InvalidDataException unfit)
        {
            throw Unreachable(_path, unfit);
        }
    }

    /// <summary>Has a command carried out that is known by name only.</summary>
    /// <param name="command">Its name.</param>
    /// <param name="arguments">An object; undefined for none.</param>
    /// <param name="timeout">How long to wait for the answer.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <remarks>Throws as the other does.</remarks>
    public JsonElement Execute(string command, JsonElement arguments, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(command);
        return Await(_session.Begin(command, arguments), command, timeout, cancellationToken);
    }

    /// <summary>The next event; null when none came in time.</summary>
    /// <exception cref="MachineException"><see cref="MachineErrorId.ControlUnreachable"/>: the connection has ended.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public QmpHappening? TakeEvent(TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        try
        {
            Exchange(HasEvent, "an event", timeout, cancellationToken);
        }
        catch (MachineException late) when (late.Id == MachineErrorId.Timeout)
        {
            return null;
        }

        return _events.Dequeue();
    }

    /// <summary>Closes the connection.</summary>
    public void Dispose()
    {
        _epoll.Dispose();
        _socket.Dispose();
        _cancelled.Dispose();
    }

    private bool HasEvent()
    {
        while (_events.Count == 0 && _session.TryTake(out QmpMessage? message))
        {
            Note(message);
        }

        return _events.Count > 0;
    }

    private static UnixSocket? TryConnect(string path, out Errno errno)
    {
        try
        {
            return UnixSocket.TryConnect(path, out errno);
        }
        catch (LinuxException refused)
        {
            throw Unreachable(path, refused);
        }
    }

    private JsonElement Await(ulong id, string command, TimeSpan timeout, CancellationToken cancellationToken)
    {
        QmpAnswer? answer = null;
        Exchange(
            () =>
            {
                // Answers that came too late for an earlier wait are nobody's.
                while (answer is null && _session.TryTake(out QmpMessage? message))
                {
                    Note(message);
                    answer = message is QmpAnswer mine && mine.Id == id ? mine : null;
                }

                return answer is not null;
            },
            $"the answer to '{command}'",
            timeout,
            cancellationToken);
        return answer!.Error is { } refused ? throw refused : answer.Result;
    }

    /// <summary>Moves bytes until something is so.</summary>
    private void Exchange(Func<bool> isDone, string what, TimeSpan timeout, CancellationToken cancellationToken)
    {
        long deadline = timeout == Timeout.InfiniteTimeSpan ? long.MaxValue : Environment.TickCount64 + (long)timeout.TotalMilliseconds;
        using CancellationTokenRegistration registration = cancellationToken.Register(_cancelled.Signal);
        Span<EpollEvent> ready = stackalloc EpollEvent[2];
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Send();
            if (isDone())
            {
                return;
            }

            long left = deadline - Environment.TickCount64;
            if (left <= 0)
            {
                throw new MachineException(
                    MachineErrorId.Timeout,
                    $"Within {timeout.TotalSeconds:0.#} s {what} did not come from the control socket '{_path}'.",
                    "Give it more time; the machine may be busy, or its process stopped.");
            }

            _ = _epoll.Wait(ready, (int)Math.Min(left, int.MaxValue));
            _ = _cancelled.Drain();
            Receive();
        }
    }

    private void Send()
    {
        while (_session.Output.Length > 0)
        {
            Errno errno = _socket.Send(_session.Output.Unsent, _beside, out int count);
            if (errno == Errno.Again)
            {
                break;
            }

            if (errno != Errno.None)
            {
                throw Unreachable(_path, new LinuxException("send", errno, _path));
            }

            _beside = [];
            _session.Output.Sent(count);
        }

        EpollEvents wanted = EpollEvents.In | (_session.Output.Length > 0 ? EpollEvents.Out : EpollEvents.None);
        if (wanted != _interest)
        {
            _interest = wanted;
            _epoll.Modify(_socket, wanted, 0);
        }
    }

    private void Receive()
    {
        Errno errno = _socket.Read(_buffer, out int count);
        if (errno == Errno.Again)
        {
            return;
        }

        if (count == 0)
        {
            throw Unreachable(_path, errno == Errno.None ? null : new LinuxException("read", errno, _path));
        }

        try
        {
            _session.Receive(_buffer.AsSpan(0, count));
        }
        catch (InvalidDataException foreign)
        {
            throw Unreachable(_path, foreign);
        }
    }

    private void Note(QmpMessage message)
    {
        if (message is not QmpHappening happening)
        {
            return;
        }

        if (_events.Count == MaxEvents)
        {
            _events.Dequeue();
            EventsLost++;
        }

        _events.Enqueue(happening);
    }

    private static MachineException Unreachable(string path, Exception? cause) => new(
        MachineErrorId.ControlUnreachable,
        $"The control socket '{path}' does not answer.",
        "See with Get-StratoVm whether the machine still runs.",
        cause);
}
