using StratoVirt.Linux;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Machine.Runtime;

/// <summary>
/// The lock in a machine's runtime directory: the kernel gives it back when its holder dies, so it is the truth about who
/// runs a machine, and the <c>owner</c> file only its caption. Its holder deletes both when he leaves.
/// </summary>
internal sealed class RuntimeLock : IDisposable
{
    internal const string Name = "lock";

    private readonly string _directory;
    private readonly NamedLock _lock;

    private RuntimeLock(string directory, NamedLock taken)
    {
        _directory = directory;
        _lock = taken;
    }

    /// <summary>Takes the lock, or stops trying: see <see cref="NamedLock.Take"/>.</summary>
    /// <exception cref="LinuxException">The file cannot be opened.</exception>
    internal static NamedLockOutcome Take(
        string directory, bool create, TimeSpan patience, out RuntimeLock? taken, Func<NamedLockOutcome, bool> isAnswer)
    {
        NamedLockOutcome outcome = NamedLock.Take(Path.Combine(directory, Name), create, patience, out NamedLock? file, isAnswer);
        taken = file is null ? null : new RuntimeLock(directory, file);
        return outcome;
    }

    /// <summary>Takes over a lock that this process has inherited.</summary>
    internal static RuntimeLock Adopt(string directory, FileDescriptor held) =>
        new(directory, NamedLock.Adopt(Path.Combine(directory, Name), held));

    /// <summary>See <see cref="NamedLock.Share"/>.</summary>
    internal FileDescriptor Share() => _lock.Share();

    /// <summary>With the lock in hand: whether its last holder wrote who he was and never came to take it back, and who.</summary>
    internal RuntimeOwner? FindDeadOwner() => OwnerFile.Read(_directory);

    /// <summary>Deletes owner, control socket and lock file, lets the lock go, and removes the directory when nothing is left in it.</summary>
    public void Dispose()
    {
        if (_lock.IsDisposed)
        {
            return;
        }

        try
        {
            if (_lock.IsNamed)
            {
                OwnerFile.Delete(_directory);
                FileNames.TryDelete(Path.Combine(_directory, RuntimeDirectory.ControlSocketName));
                FileNames.TryDelete(_lock.Path);

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
            _lock.Dispose();
        }
    }
}
