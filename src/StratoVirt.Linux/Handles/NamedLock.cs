namespace StratoVirt.Linux.Handles;

/// <summary>How an attempt to take a <see cref="NamedLock"/> ended.</summary>
public enum NamedLockOutcome
{
    /// <summary>The lock is ours.</summary>
    Taken,

    /// <summary>Another open file holds it.</summary>
    Held,

    /// <summary>There is no lock file (any more), so nobody holds it; with creation asked for: try again.</summary>
    Absent,
}

/// <summary>
/// A lock file, held with flock(2): between processes and between threads alike, and given back by the kernel when its
/// holder dies. Its holder may delete the file; whoever gets the lock therefore makes sure that it is still the file of
/// that name.
/// </summary>
public sealed class NamedLock : IDisposable
{
    private const int OwnerReadWrite = 0x180;

    private readonly FileDescriptor _file;

    private NamedLock(string path, FileDescriptor file)
    {
        Path = path;
        _file = file;
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Whether the file of that name is still the one that is held: nobody else can hold another.</summary>
    public bool IsNamed => !_file.IsClosed && FileStatus.Find(Path) is FileStatus named && named.IsSameFile(FileStatus.Of(_file));

    /// <summary>Whether it was given back.</summary>
    public bool IsDisposed => _file.IsClosed;

    /// <summary>Tries once.</summary>
    /// <param name="path">The lock file.</param>
    /// <param name="create">Whether to make the file when it is missing; its directory must be there.</param>
    /// <param name="taken">The lock, when it was taken.</param>
    /// <exception cref="LinuxException">The file cannot be opened.</exception>
    public static NamedLockOutcome TryTake(string path, bool create, out NamedLock? taken)
    {
        taken = null;
        OpenFlags flags = create ? OpenFlags.ReadWrite | OpenFlags.Create : OpenFlags.ReadWrite;
        FileDescriptor? file = FileDescriptor.TryOpen(path, flags, OwnerReadWrite, out Errno errno);
        if (file is null)
        {
            return errno is Errno.NoEntry or Errno.NotDirectory ? NamedLockOutcome.Absent : throw new LinuxException("open", errno, path);
        }

        var attempt = new NamedLock(path, file);
        NamedLockOutcome outcome = NamedLockOutcome.Held;
        try
        {
            if (file.TryLockExclusive())
            {
                outcome = attempt.IsNamed ? NamedLockOutcome.Taken : NamedLockOutcome.Absent;
            }
        }
        finally
        {
            if (outcome != NamedLockOutcome.Taken)
            {
                file.Dispose();
            }
        }

        taken = outcome == NamedLockOutcome.Taken ? attempt : null;
        return outcome;
    }

    /// <summary>Takes the lock, waiting for it.</summary>
    /// <param name="path">The lock file.</param>
    /// <param name="create">Whether to make the file when it is missing.</param>
    /// <param name="patience">How long to wait.</param>
    /// <param name="taken">The lock, when it was taken.</param>
    /// <param name="isAnswer">Told of every attempt after which there can be another; true when there is no point in it.</param>
    /// <returns>How the last attempt ended.</returns>
    /// <exception cref="LinuxException">The file cannot be opened.</exception>
    public static NamedLockOutcome Take(
        string path, bool create, TimeSpan patience, out NamedLock? taken, Func<NamedLockOutcome, bool>? isAnswer = null)
    {
        var wait = new LockWait(patience);
        while (true)
        {
            NamedLockOutcome outcome = TryTake(path, create, out taken);
            if (outcome == NamedLockOutcome.Taken || (outcome == NamedLockOutcome.Absent && !create))
            {
                return outcome;
            }

            if (isAnswer?.Invoke(outcome) == true || !wait.TryPause())
            {
                return outcome;
            }
        }
    }

    /// <summary>Takes over a lock that is held by a descriptor this process has inherited (see <see cref="Share"/>).</summary>
    /// <param name="path">The lock file.</param>
    /// <param name="held">The descriptor; owned from now on.</param>
    public static NamedLock Adopt(string path, FileDescriptor held) => new(path, held);

    /// <summary>Another descriptor of the lock, for a program to inherit. The lock is given back when the last of them
    /// is closed, whoever dies first.</summary>
    /// <exception cref="LinuxException">The process has no descriptor left.</exception>
    public FileDescriptor Share() => _file.DuplicateInherited();

    /// <summary>Gives it back. May be called more than once.</summary>
    public void Dispose() => _file.Dispose();
}
