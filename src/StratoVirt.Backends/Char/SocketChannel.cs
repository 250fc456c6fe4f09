using StratoVirt.Backends.Io;
using StratoVirt.Linux;
using StratoVirt.Linux.Events;
using StratoVirt.Linux.Handles;
using StratoVirt.Linux.Net;

namespace StratoVirt.Backends.Char;

/// <summary>
/// A listening local socket that serves one client at a time; others wait in its backlog for their turn. Bytes wait in
/// the kernel's buffers alone, so a side that does not read holds the other back and nothing is lost.
/// </summary>
/// <remarks>A client that has gone is noticed when its last byte has been read. One that has gone with bytes unread,
/// because the guest does not read, gives way when the next one comes.</remarks>
public sealed class SocketChannel : ICharChannel
{
    private readonly UnixSocket _listener;
    private readonly string _path;
    private IoThread? _thread;
    private ICharChannelUser? _user;
    private EventRegistration? _listening;
    private EventRegistration? _watched;
    private UnixSocket? _client;
    private bool _hungUp;
    private volatile bool _connected;
    private volatile string? _problem = NobodyYet;
    private long _connections;

    private const string NobodyYet = "no client has connected yet";

    private SocketChannel(UnixSocket listener, string path)
    {
        _listener = listener;
        _path = path;
    }

    /// <inheritdoc/>
    public bool IsConnected => _connected;

    /// <inheritdoc/>
    public string? Problem => _problem;

    /// <summary>Clients so far.</summary>
    public long Connections => Interlocked.Read(ref _connections);

    /// <summary>Makes the socket file, for its owner alone, and listens. Clients are served once it is attached.</summary>
    /// <exception cref="LinuxException">See <see cref="UnixSocket.Listen"/>.</exception>
    public static SocketChannel Listen(string path) => new(UnixSocket.Listen(path), path);

    /// <summary>Serves a listening socket that another process has made.</summary>
    /// <param name="listener">The socket; owned from now on.</param>
    /// <param name="path">Its file, removed at the end where this process may.</param>
    public static SocketChannel Adopt(FileDescriptor listener, string path) => new(UnixSocket.Adopt(listener), path);

    /// <inheritdoc/>
    public void Attach(IoThread thread, ICharChannelUser user)
    {
        ArgumentNullException.ThrowIfNull(thread);
        ArgumentNullException.ThrowIfNull(user);
        _thread = thread;
        _user = user;
        _listening = thread.Watch(_listener, EpollEvents.In | EpollEvents.EdgeTriggered, _ => OnListener());
    }

    /// <inheritdoc/>
    public int Write(ReadOnlySpan<byte> data)
    {
        int taken = 0;
        while (_client is { } client && taken < data.Length)
        {
            Errno errno = client.Send(data[taken..], out int count);
            taken += count;
            if (errno == Errno.None)
            {
                continue;
            }

            // What the client sent before it went is still to be read; reading finds its end.
            _hungUp |= errno != Errno.Again;
            break;
        }

        return taken;
    }

    /// <inheritdoc/>
    public int Read(Span<byte> destination)
    {
        if (_client is not { } client || destination.IsEmpty)
        {
            return 0;
        }

        Errno errno = client.Read(destination, out int count);
        if (count == 0 && errno != Errno.Again)
        {
            Disconnect(errno is Errno.None or Errno.ConnectionReset
                ? "the last client has closed its connection"
                : $"the connection to the last client failed with {errno}");
        }

        return count;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _listening?.Dispose();
        _watched?.Dispose();
        _client?.Dispose();
        _client = null;
        _connected = false;
        _listener.Dispose();
    }

    /// <inheritdoc/>
    public void Withdraw()
    {
        if (!_listener.IsClosed)
        {
            _ = UnixSocket.RemoveFile(_path);
        }
    }

    private void OnListener()
    {
        if (_client is not null && _hungUp)
        {
            Disconnect("the last client has gone and left bytes that the guest had not read");
        }

        TryServeNext();
    }

    private void TryServeNext()
    {
        if (_client is not null || _thread is null)
        {
            return;
        }

        UnixSocket? next = _listener.TryAccept(out Errno errno);
        if (next is null)
        {
            if (errno != Errno.Again)
            {
                _problem = $"a client cannot be served: accept fails with {errno}";
            }

            return;
        }

        _client = next;
        _hungUp = false;
        _connected = true;
        _problem = null;
        Interlocked.Increment(ref _connections);
        _user!.ConnectionChanged(isConnected: true);
        _watched = _thread.Watch(
            next, EpollEvents.In | EpollEvents.Out | EpollEvents.ReadHangUp | EpollEvents.EdgeTriggered, OnClient);
    }

    private void OnClient(EpollEvents ready)
    {
        if (!_hungUp && (ready & (EpollEvents.HangUp | EpollEvents.Error)) != 0)
        {
            _hungUp = true;
            _problem = "the last client has gone, and what it sent waits for the guest to read it";
        }

        if ((ready & (EpollEvents.In | EpollEvents.ReadHangUp | EpollEvents.HangUp | EpollEvents.Error)) != 0)
        {
            _user!.InputAvailable();
        }

        if ((ready & EpollEvents.Out) != 0)
        {
            _user!.RoomAvailable();
        }
    }

    private void Disconnect(string reason)
    {
        _watched?.Dispose();
        _watched = null;
        _client?.Dispose();
        _client = null;
        _connected = false;
        _problem = reason;
        _user!.ConnectionChanged(isConnected: false);
        TryServeNext();
    }
}
