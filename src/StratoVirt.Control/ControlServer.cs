using StratoVirt.Control.Commands;
using StratoVirt.Control.Serving;
using StratoVirt.Linux;
using StratoVirt.Linux.Net;
using StratoVirt.Machine;
using StratoVirt.Machine.Lifecycle;
using StratoVirt.Qmp.Sessions;

namespace StratoVirt.Control;

/// <summary>
/// Serves QMP for one machine on Unix sockets, with one thread for all clients. The machine never waits for it: requests
/// go to the machine's own thread, and what happens comes back as work for this one. It ends with the machine, or when
/// disposed.
/// </summary>
public sealed class ControlServer : IDisposable
{
    /// <summary>Clients served at once; more wait until one leaves.</summary>
    public const int MaxClients = 1024;

    private const long MemoryLimit = 16 << 20;
    private const int ReceiveLength = 16 << 10;

    private readonly VirtualMachine _machine;
    private readonly ControlThread _thread;
    private readonly ControlContext _context;
    private readonly QmpCommandTable _commands;
    private readonly Happenings _happenings;
    private readonly List<Listener> _listeners = [];
    private readonly List<Connection> _connections = [];
    private readonly MemoryBudget _budget = new(MemoryLimit);
    // Pinned, it stays where it is made: pages of it that no client has filled take no memory.
    private readonly byte[] _receiveBuffer = GC.AllocateUninitializedArray<byte>(ReceiveLength, pinned: true);
    private readonly Action<Exception> _onFault;
    private readonly List<Action> _atEnd = [];
    private readonly MachineEvent?[] _waiting = new MachineEvent?[2];
    private int _clients;
    private readonly Lock _disposal = new();
    private bool _isDisposed;

    private ControlServer(VirtualMachine machine, Action<Exception> onFault)
    {
        _machine = machine;
        _onFault = onFault;
        _thread = new ControlThread($"qmp {machine.Name}", onFault, machine.ThreadGuard);
        _context = new ControlContext(machine, _thread, reply => _atEnd.Add(reply));
        _commands = CommandSet.Create(_context);
        _happenings = new Happenings(_context, machine.Status, Broadcast);
    }

    /// <summary>No client is connected any more. Told on the control thread.</summary>
    public event Action? LastClientLeft;

    /// <summary>Clients connected now.</summary>
    public int Clients => Volatile.Read(ref _clients);

    /// <summary>Begins to serve a machine.</summary>
    /// <param name="machine">The machine, at best before its start. Not owned.</param>
    /// <param name="socketPath">The socket's file, mode 0600, in a directory that exists; at most 107 bytes. It is removed
    /// at the end.</param>
    /// <param name="onFault">Told, on the control thread, of mistakes of this program; service goes on.</param>
    /// <exception cref="MachineException"><see cref="MachineErrorId.RuntimeDirectory"/>: the socket cannot be made.</exception>
    public static ControlServer Start(VirtualMachine machine, string socketPath, Action<Exception>? onFault = null)
    {
        ArgumentNullException.ThrowIfNull(machine);
        var server = new ControlServer(machine, onFault ?? (_ => { }));
        try
        {
            server.Listen(socketPath);
            machine.StatusChanged += server.OnStatus;
            machine.EventOccurred += server.OnEvent;
        }
        catch
        {
            server.Dispose();
            throw;
        }

        if (machine.Status.State == RunState.Shutdown)
        {
            server.Dispose();
        }

        return server;
    }

    /// <summary>Listens on a further socket.</summary>
    /// <exception cref="MachineException"><see cref="MachineErrorId.RuntimeDirectory"/>: the socket cannot be made.</exception>
    public void Listen(string socketPath)
    {
        try
        {
            // The file in the runtime directory goes with the machine's name, which another process may take at once.
            bool removesFile = socketPath != _machine.ControlSocketPath;
            var listener = new Listener(socketPath, _thread, removesFile, Accept);
            lock (_listeners)
            {
                _listeners.Add(listener);
            }
        }
        catch (Exception refused) when (refused is LinuxException or IOException or UnauthorizedAccessException)
        {
            throw new MachineException(
                MachineErrorId.RuntimeDirectory,
                $"The control socket '{socketPath}' of machine '{_machine.Name}' cannot be made.",
                $"Choose a path of at most {UnixSocket.MaxPathLength} bytes in a directory of yours, where nobody listens.",
                refused);
        }
    }

    /// <summary>Ends service: sends what can be sent without waiting, and closes everything. When it returns all is gone,
    /// whoever ended it. May be called more than once, but not on the control thread.</summary>
    public void Dispose()
    {
        lock (_disposal)
        {
            if (!_isDisposed)
            {
                _isDisposed = true;
                End();
            }
        }
    }

    private void End()
    {
        _machine.StatusChanged -= OnStatus;
        _machine.EventOccurred -= OnEvent;
        _thread.Dispose();
        foreach (Connection connection in _connections)
        {
            connection.Dispose();
        }

        _context.Dispose();
        lock (_listeners)
        {
            foreach (Listener listener in _listeners)
            {
                listener.Dispose();
            }
        }
    }

    // On the machine's thread.
    private void OnStatus(MachineStatus status)
    {
        if (status.State != RunState.Shutdown)
        {
            _thread.Post(() => _happenings.Follow(status));
            return;
        }

        using var done = new ManualResetEventSlim();
        bool isPosted = _thread.Post(() =>
        {
            try
            {
                _happenings.Follow(status);
                _atEnd.ForEach(reply => reply());
            }
            finally
            {
                done.Set();
            }
        });
        if (isPosted)
        {
            done.Wait();
        }

        Dispose();
    }

    // On the machine's thread, or on that of whoever pressed a button.
    private void OnEvent(MachineEvent happening)
    {
        DateTimeOffset time = DateTimeOffset.UtcNow;
        switch (happening)
        {
            case BalloonChanged:
                PostLast(0, happening, time);
                break;
            case DiskFailed:
                PostLast(1, happening, time);
                break;
            default:
                _thread.Post(() => _happenings.Follow(happening, time));
                break;
        }
    }

    // What a guest can make without end: of each kind one waits for the control thread at most, the last.
    private void PostLast(int kind, MachineEvent happening, DateTimeOffset time)
    {
        if (Interlocked.Exchange(ref _waiting[kind], happening) is null)
        {
            _thread.Post(() => _happenings.Follow(Interlocked.Exchange(ref _waiting[kind], null)!, time));
        }
    }

    private bool Accept(UnixSocket client)
    {
        Connection connection;
        try
        {
            var session = new QmpServerSession(_commands, _onFault);
            connection = new Connection(
                client, session, _thread.Loop, _receiveBuffer, _budget, beside => _context.Enclosures = beside, Forget);
        }
        catch (LinuxException)
        {
            // epoll takes no more (fs.epoll.max_user_watches): as good as no room.
            client.Dispose();
            return false;
        }

        _connections.Add(connection);
        Volatile.Write(ref _clients, _connections.Count);
        connection.Advance();
        return _connections.Count < MaxClients;
    }

    private void Forget(Connection connection)
    {
        _connections.Remove(connection);
        Volatile.Write(ref _clients, _connections.Count);
        lock (_listeners)
        {
            _listeners.ForEach(listener => listener.Resume());
        }

        if (_connections.Count == 0)
        {
            LastClientLeft?.Invoke();
        }
    }

    private void Broadcast(Action<QmpServerSession> send)
    {
        foreach (Connection connection in _connections.ToArray())
        {
            send(connection.Session);
            connection.Advance();
        }
    }
}
