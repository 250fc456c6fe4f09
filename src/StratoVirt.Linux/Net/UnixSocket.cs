using System.Runtime.CompilerServices;
using System.Text;
using StratoVirt.Linux.Abi;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Linux.Net;

/// <summary>A stream socket between processes of one machine (AF_UNIX). Never blocks: what cannot be done now says
/// <see cref="Errno.Again"/>. Close-on-exec.</summary>
public sealed partial class UnixSocket : FileDescriptor
{
    private UnixSocket(int descriptor)
        : base(descriptor)
    {
    }

    /// <summary>The longest path a socket can have, in bytes of UTF-8, without the zero at its end.</summary>
    public const int MaxPathLength = sun_path.Length - 1;

    /// <summary>Makes a socket file that its owner alone may connect to, and listens.</summary>
    /// <param name="path">The file. One that is there already is replaced when nobody listens there any more.</param>
    /// <param name="backlog">Connections that wait to be accepted, at most.</param>
    /// <exception cref="LinuxException">The path is too long, somebody listens there (EADDRINUSE), something else than
    /// a socket is there (EEXIST), or the kernel refused.</exception>
    public static UnixSocket Listen(string path, int backlog = 8)
    {
        sockaddr_un address = AddressOf(path);
        MakeRoom(path);
        UnixSocket listener = Create(path);
        try
        {
            if (LibC.bind(listener, in address, (uint)Unsafe.SizeOf<sockaddr_un>()) < 0)
            {
                throw LinuxException.Last("bind", path);
            }

            // Nobody can connect before listen: the mode is right from the first connection on.
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            return LibC.listen(listener, backlog) < 0 ? throw LinuxException.Last("listen", path) : listener;
        }
        catch
        {
            listener.Dispose();
            throw;
        }
    }

    /// <summary>Takes over a listening socket that another process has made with <see cref="Listen"/>.</summary>
    /// <param name="listener">The descriptor; this object closes it.</param>
    public static UnixSocket Adopt(FileDescriptor listener)
    {
        ArgumentNullException.ThrowIfNull(listener);
        return new UnixSocket(listener.Release());
    }

    /// <summary>Connects to a listening socket.</summary>
    /// <exception cref="LinuxException">The path is too long, nobody listens there, or it may not be used.</exception>
    public static UnixSocket Connect(string path) =>
        TryConnect(path, out Errno errno) ?? throw new LinuxException("connect", errno, path);

    /// <summary>Connects to a listening socket; null and the error number when that fails. <see cref="Errno.Again"/>:
    /// the listener's backlog is full.</summary>
    /// <exception cref="LinuxException">The path is too long, or the process has no descriptor left.</exception>
    public static UnixSocket? TryConnect(string path, out Errno errno)
    {
        sockaddr_un address = AddressOf(path);
        UnixSocket socket = Create(path);
        errno = Errno.None;
        if (LibC.connect(socket, in address, (uint)Unsafe.SizeOf<sockaddr_un>()) == 0)
        {
            return socket;
        }

        errno = LinuxException.LastErrno;
        socket.Dispose();
        return null;
    }

    /// <summary>Takes the next connection of a listening socket; null with <see cref="Errno.Again"/> when none waits.</summary>
    public UnixSocket? TryAccept(out Errno errno)
    {
        int descriptor;
        do
        {
            descriptor = LibC.accept4(this, 0, 0, LibC.SOCK_NONBLOCK | LibC.SOCK_CLOEXEC);
            errno = descriptor < 0 ? LinuxException.LastErrno : Errno.None;
        }
        while (errno == Errno.Interrupted);
        return descriptor < 0 ? null : new UnixSocket(descriptor);
    }

    /// <summary>Sends, without the signal that a write to a closed connection raises (MSG_NOSIGNAL).</summary>
    /// <param name="data">What to send.</param>
    /// <param name="count">Bytes taken, which may be fewer than given; 0 on error.</param>
    /// <returns><see cref="Errno.Again"/> when the connection is full, <see cref="Errno.BrokenPipe"/> when it is over.</returns>
    public Errno Send(ReadOnlySpan<byte> data, out int count) => PacketIo.Send(this, data, [], out count);

    private static UnixSocket Create(string path)
    {
        int descriptor = LibC.socket(LibC.AF_UNIX, LibC.SOCK_STREAM | LibC.SOCK_NONBLOCK | LibC.SOCK_CLOEXEC, 0);
        return descriptor < 0 ? throw LinuxException.Last("socket", path) : new UnixSocket(descriptor);
    }

    private static sockaddr_un AddressOf(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Encoding.UTF8.GetByteCount(path) > MaxPathLength || path.Contains('\0', StringComparison.Ordinal))
        {
            throw new LinuxException("bind", Errno.InvalidArgument, path);
        }

        var address = new sockaddr_un { sun_family = LibC.AF_UNIX };
        Encoding.UTF8.GetBytes(path, address.sun_path);
        return address;
    }

    /// <summary>Takes a listener's file away, before the listener is closed: afterwards it may be another's.</summary>
    /// <returns>Why it stays, where it may not be changed; the next listener replaces it then.</returns>
    public static Errno RemoveFile(string path)
    {
        try
        {
            _ = FileNames.TryDelete(path);
            return Errno.None;
        }
        catch (LinuxException refused)
        {
            return refused.Errno;
        }
    }

    /// <summary>Takes a socket file away that nobody listens at; anything else stays.</summary>
    /// <exception cref="LinuxException">The path is too long, or the file system refused.</exception>
    public static void RemoveStale(string path)
    {
        if (FileStatus.Find(path) is { IsSocket: true })
        {
            using UnixSocket? answered = TryConnect(path, out Errno errno);
            if (errno == Errno.ConnectionRefused)
            {
                _ = FileNames.TryDelete(path);
            }
        }
    }

    private static void MakeRoom(string path)
    {
        RemoveStale(path);
        if (FileStatus.Find(path) is { } present)
        {
            throw new LinuxException("bind", present.IsSocket ? Errno.AddressInUse : Errno.Exists, path);
        }
    }
}
