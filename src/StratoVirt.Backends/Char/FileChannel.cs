using StratoVirt.Backends.Io;
using StratoVirt.Linux;
using StratoVirt.Linux.Events;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Backends.Char;

/// <summary>
/// Appends what the guest writes to a file. While the file cannot be written nothing is taken, and it is tried again
/// once a second.
/// </summary>
public sealed class FileChannel : ICharChannel
{
    private const int OwnerOnly = 0x180; // rw-------

    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    private readonly FileDescriptor _file;
    private readonly string _path;
    private readonly TimeSpan _retryInterval;
    private readonly TimerFd _retry;
    private EventRegistration? _watched;
    private volatile string? _problem;
    private Errno _failed;

    private FileChannel(FileDescriptor file, string path, TimeSpan retryInterval)
    {
        _file = file;
        _path = path;
        _retryInterval = retryInterval;
        try
        {
            _retry = TimerFd.Create();
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public bool IsConnected => true;

    /// <inheritdoc/>
    public string? Problem => _problem;

    /// <summary>Opens the file, made if missing and readable by its owner only, and appends to it from now on.</summary>
    /// <exception cref="LinuxException">It cannot be opened.</exception>
    public static FileChannel Open(string path) => Open(path, RetryInterval);

    /// <summary>Opens the file alone.</summary>
    /// <exception cref="LinuxException">It cannot be opened.</exception>
    public static FileDescriptor OpenFile(string path) =>
        FileDescriptor.Open(path, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Append | OpenFlags.NonBlocking, OwnerOnly);

    /// <summary>Appends to a file that another process has opened with <see cref="OpenFile"/>; owned from now on.</summary>
    public static FileChannel Adopt(FileDescriptor file, string path) => new(file, path, RetryInterval);

    internal static FileChannel Open(string path, TimeSpan retryInterval) => new(OpenFile(path), path, retryInterval);

    /// <inheritdoc/>
    public void Attach(IoThread thread, ICharChannelUser user)
    {
        ArgumentNullException.ThrowIfNull(thread);
        ArgumentNullException.ThrowIfNull(user);
        _watched = thread.Watch(_retry, EpollEvents.In, _ =>
        {
            _retry.Drain();
            user.RoomAvailable();
        });
    }

    /// <inheritdoc/>
    public int Write(ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty)
        {
            return 0;
        }

        Errno errno = _file.Write(data, out int count);
        if (errno == Errno.None)
        {
            _problem = null;
        }
        else if (_problem is null || errno != _failed)
        {
            _failed = errno;
            _problem = $"writing '{_path}' fails with {errno}";
        }

        if (count < data.Length)
        {
            _retry.Arm(_retryInterval);
        }

        return count;
    }

    /// <inheritdoc/>
    public int Read(Span<byte> destination) => 0;

    /// <inheritdoc/>
    public void Dispose()
    {
        _watched?.Dispose();
        _retry.Dispose();
        _file.Dispose();
    }
}
