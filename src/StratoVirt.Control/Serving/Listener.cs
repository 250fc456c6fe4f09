using StratoVirt.Linux;
using StratoVirt.Linux.Events;
using StratoVirt.Linux.Handles;
using StratoVirt.Linux.Net;

namespace StratoVirt.Control.Serving;

/// <summary>A listening control socket. Stops accepting while there is no room for another client, instead of spinning.</summary>
internal sealed class Listener : IDisposable
{
    // A client that comes while 16 wait is told to try again (EAGAIN), which clients of ours do.
    private const int Backlog = 16;

    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    private readonly UnixSocket _socket;
    private readonly ControlThread _thread;
    private readonly EventRegistration _watched;
    private readonly Func<UnixSocket, bool> _accepted;
    private readonly bool _removesFile;
    private bool _isPaused;

    /// <summary>Makes the socket's file, mode 0600, and listens.</summary>
    /// <param name="path">The file.</param>
    /// <param name="thread">The thread that accepts.</param>
    /// <param name="removesFile">Whether the file goes with this listener.</param>
    /// <param name="accepted">Takes a client over; false when there is no room for one more after it.</param>
    /// <exception cref="LinuxException">The socket cannot be made.</exception>
    public Listener(string path, ControlThread thread, bool removesFile, Func<UnixSocket, bool> accepted)
    {
        Path = path;
        _thread = thread;
        _accepted = accepted;
        _removesFile = removesFile;
        _socket = UnixSocket.Listen(path, Backlog);
        try
        {
            _watched = thread.Loop.Add(_socket, EpollEvents.In, _ => Accept());
        }
        catch
        {
            _socket.Dispose();
            _ = FileNames.TryDelete(path);
            throw;
        }
    }

    /// <summary>The socket's file.</summary>
    public string Path { get; }

    /// <summary>There is room again; on the loop's thread.</summary>
    public void Resume()
    {
        if (_isPaused)
        {
            _isPaused = false;
            _watched.Modify(EpollEvents.In);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_socket.IsClosed)
        {
            return;
        }

        _watched.Dispose();
        _socket.Dispose();
        if (_removesFile)
        {
            _ = FileNames.TryDelete(Path);
        }
    }

    private void Accept()
    {
        while (true)
        {
            UnixSocket? client = _socket.TryAccept(out Errno errno);
            if (client is null)
            {
                // Without a descriptor to accept with, the socket would stay readable and the loop would spin.
                if (errno is Errno.TooManyOpenFiles or Errno.TooManyOpenFilesInSystem or Errno.NoMemory or Errno.NoBufferSpace)
                {
                    // What frees one may be no client, so nothing else would tell.
                    Pause();
                    _thread.After(RetryInterval, Resume);
                }

                return;
            }

            if (!_accepted(client))
            {
                Pause();
                return;
            }
        }
    }

    private void Pause()
    {
        _isPaused = true;
        _watched.Modify(EpollEvents.None);
    }
}
