using StratoVirt.Backends.Io;
using StratoVirt.Linux;
using StratoVirt.Linux.Events;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Backends.Char;

/// <summary>
/// A pair of named pipes: <c>PATH.in</c> carries bytes to the guest, <c>PATH.out</c> its bytes to the host. Readers and
/// writers may come and go; a full pipe holds the guest back until somebody reads.
/// </summary>
public sealed class PipeChannel : ICharChannel
{
    private readonly FileDescriptor _in;
    private readonly FileDescriptor _out;
    private EventRegistration? _watchedIn;
    private EventRegistration? _watchedOut;
    private volatile string? _problem;

    private PipeChannel(FileDescriptor @in, FileDescriptor @out)
    {
        _in = @in;
        _out = @out;
    }

    /// <inheritdoc/>
    public bool IsConnected => true;

    /// <inheritdoc/>
    public string? Problem => _problem;

    /// <summary>Opens both pipes, which exist (mkfifo).</summary>
    /// <param name="path">Their path, without <c>.in</c> and <c>.out</c>.</param>
    /// <exception cref="LinuxException">One of them cannot be opened for reading and writing, or is no pipe (ENXIO).</exception>
    public static PipeChannel Open(string path)
    {
        (FileDescriptor @in, FileDescriptor @out) = OpenPipes(path);
        return new PipeChannel(@in, @out);
    }

    /// <summary>Opens both pipes alone.</summary>
    /// <exception cref="LinuxException">As <see cref="Open"/>.</exception>
    public static (FileDescriptor In, FileDescriptor Out) OpenPipes(string path)
    {
        FileDescriptor @in = OpenPipe(path + ".in");
        try
        {
            return (@in, OpenPipe(path + ".out"));
        }
        catch
        {
            @in.Dispose();
            throw;
        }
    }

    /// <summary>Uses pipes that another process has opened with <see cref="OpenPipes"/>; owned from now on.</summary>
    public static PipeChannel Adopt(FileDescriptor @in, FileDescriptor @out) => new(@in, @out);

    /// <inheritdoc/>
    public void Attach(IoThread thread, ICharChannelUser user)
    {
        ArgumentNullException.ThrowIfNull(thread);
        ArgumentNullException.ThrowIfNull(user);
        _watchedIn = thread.Watch(_in, EpollEvents.In | EpollEvents.EdgeTriggered, _ => user.InputAvailable());
        _watchedOut = thread.Watch(_out, EpollEvents.Out | EpollEvents.EdgeTriggered, _ => user.RoomAvailable());
    }

    /// <inheritdoc/>
    public int Write(ReadOnlySpan<byte> data)
    {
        int taken = 0;
        while (taken < data.Length)
        {
            Errno errno = _out.Write(data[taken..], out int count);
            taken += count;
            if (errno != Errno.None)
            {
                Note(errno, "writing");
                return taken;
            }
        }

        _problem = null;
        return taken;
    }

    /// <inheritdoc/>
    public int Read(Span<byte> destination)
    {
        Errno errno = _in.Read(destination, out int count);
        if (errno != Errno.None)
        {
            Note(errno, "reading");
        }

        return count;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _watchedIn?.Dispose();
        _watchedOut?.Dispose();
        _in.Dispose();
        _out.Dispose();
    }

    // Opened for both directions a pipe never ends and opening it never waits, whoever is at its other end.
    private static FileDescriptor OpenPipe(string path)
    {
        FileDescriptor pipe = FileDescriptor.Open(path, OpenFlags.ReadWrite | OpenFlags.NonBlocking);
        if (FileStatus.Of(pipe).IsPipe)
        {
            return pipe;
        }

        pipe.Dispose();
        throw new LinuxException("open", Errno.NoDeviceOrAddress, path);
    }

    private void Note(Errno errno, string doing)
    {
        if (errno != Errno.Again && _problem is null)
        {
            _problem = $"{doing} the pipe fails with {errno}";
        }
    }
}
