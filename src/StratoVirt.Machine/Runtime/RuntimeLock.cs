using StratoVirt.Linux;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Machine.Runtime;

/// <summary>
/// The lock in a machine's runtime directory, held with flock(2): the kernel gives it back when its holder dies, so it
/// is the truth about who runs a machine, and the <c>owner</c> file only its caption. Its holder deletes the file when
/// he leaves; whoever gets the lock therefore makes sure that it is still the file of that name.
/// </summary>
internal sealed class RuntimeLock : IDisposable
{
    internal const string Name = "lock";
    private const int OwnerReadWrite = 0x180;

    private readonly string _directory;
    private readonly FileDescriptor _file;

    private RuntimeLock(string directory, FileDescriptor file)
    {
        _directory = directory;
        _file = file;
    }

    /// <summary>How an attempt ended.</summary>
    internal enum Outcome
    {
        /// <summary>The lock is ours.</summary>
        Taken,
        /// <summary>Another open file holds it.</summary>
        Held,
        /// <summary>There is no lock file (any more), so nobody holds it; with creation asked for: try again.</summary>
        Absent,
    }

    /// <summary>Tries once to take the lock.</summary>
    /// <exception cref="LinuxException">The file cannot be opened.</exception>
    internal static Outcome TryTake(string directory, bool create, out RuntimeLock? taken)
    {
        taken = null;
        string path = Path.Combine(directory, Name);
        OpenFlags flags = create ? OpenFlags.ReadWrite | OpenFlags.Create : OpenFlags.ReadWrite;
        FileDescriptor? file = FileDescriptor.TryOpen(path, flags, OwnerReadWrite, out Errno errno);
        if (file is null)
        {
            return errno is Errno.NoEntry or Errno.NotDirectory ? Outcome.Absent : throw new LinuxException("open", errno, path);
        }

        Outcome outcome = Outcome.Held;
        try
        {
            if (file.TryLockExclusive())
            {
                bool isNamed = FileStatus.Find(path) is FileStatus named && named.IsSameFile(FileStatus.Of(file));
                outcome = isNamed ? Outcome.Taken : Outcome.Absent;
            }
        }
        finally
        {
            if (outcome != Outcome.Taken)
            {
                file.Dispose();
            }
        }

        taken = outcome == Outcome.Taken ? new RuntimeLock(directory, file) : null;
        return outcome;
    }

    /// <summary>With the lock in hand: whether its last holder wrote who he was and never came to take it back, and who.</summary>
    internal RuntimeOwner? FindDeadOwner() => OwnerFile.Read(_directory);

    /// <summary>Deletes owner, control socket and lock file, lets the lock go, and removes the directory when nothing is left in it.</summary>
    public void Dispose()
    {
        if (_file.IsClosed)
        {
            return;
        }

        try
        {
            string path = Path.Combine(_directory, Name);
            if (FileStatus.Find(path) is FileStatus named && named.IsSameFile(FileStatus.Of(_file)))
            {
                OwnerFile.Delete(_directory);
                FileNames.TryDelete(Path.Combine(_directory, RuntimeDirectory.ControlSocketName));
                FileNames.TryDelete(path);

                // It goes with its last file; while there is one the kernel says so.
                FileNames.TryDeleteDirectory(_directory);
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // The next holder has put his lock into the directory meanwhile, or the directory was taken away (as at the
            // end of a login session). What is left behind says nothing without the lock, which goes below.
        }
        finally
        {
            _file.Dispose();
        }
    }
}
