using System.Globalization;
using StratoVirt.Linux;
using StratoVirt.Linux.Handles;
using StratoVirt.Linux.Net;

namespace StratoVirt.Backends.Vsock;

/// <summary>
/// The host's end of a guest's sockets, by the convention that Firecracker documents: a process that connects to the
/// machine's socket file and sends a <see cref="ConnectCommand"/> reaches a port of the guest, and a guest that
/// connects to a port of the host reaches the socket file with <c>_PORT</c> behind its name.
/// </summary>
public sealed class VsockSockets : IDisposable
{
    private readonly string _path;

    /// <summary>Makes the machine's socket file, for its owner alone, and listens.</summary>
    /// <param name="path">The file. Short enough to have a port number behind it, see <see cref="MaxPathLength"/>.</param>
    /// <exception cref="LinuxException">The path is too long, in use, or not to be written.</exception>
    public VsockSockets(string path)
        : this(Listen(path), path)
    {
    }

    private VsockSockets(UnixSocket listener, string path)
    {
        _path = path;
        Listener = listener;
    }

    /// <summary>The longest path, in bytes of UTF-8: <c>_4294967295</c> still fits behind it.</summary>
    public const int MaxPathLength = UnixSocket.MaxPathLength - 11;

    /// <summary>Readable when a process of the host wants to reach the guest; taken with
    /// <see cref="UnixSocket.TryAccept"/>.</summary>
    public UnixSocket Listener { get; }

    /// <summary>Makes the socket file and listens, no more.</summary>
    /// <exception cref="LinuxException">The path is too long, in use, or not to be written.</exception>
    public static UnixSocket Listen(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return System.Text.Encoding.UTF8.GetByteCount(path) <= MaxPathLength
            ? UnixSocket.Listen(path, backlog: 64)
            : throw new LinuxException("bind", Errno.InvalidArgument, path);
    }

    /// <summary>Takes over a socket that another process has made with <see cref="Listen"/>; owned from now on.</summary>
    public static VsockSockets Adopt(FileDescriptor listener, string path) => new(UnixSocket.Adopt(listener), path);

    /// <summary>Connects to the process that listens for a port of the host; null when nobody does, its queue is full, or
    /// this process has no descriptor left.</summary>
    public UnixSocket? TryConnect(uint port)
    {
        try
        {
            return UnixSocket.TryConnect(string.Create(CultureInfo.InvariantCulture, $"{_path}_{port}"), out _);
        }
        catch (LinuxException)
        {
            return null;
        }
    }

    /// <summary>Stops listening and removes the file.</summary>
    public void Dispose()
    {
        if (!Listener.IsClosed)
        {
            _ = UnixSocket.RemoveFile(_path);
            Listener.Dispose();
        }
    }
}
