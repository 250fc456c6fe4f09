using StratoVirt.Linux.Abi;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Linux.Storage;

/// <summary>Advisory locks on whole files that belong to the open file (F_OFD_SETLK): they end when it is closed, and
/// hold between two opens of one process as between two processes. QEMU's locks are of the same kind.</summary>
public static class FileRangeLock
{
    /// <summary>Takes the lock, waiting for it.</summary>
    /// <param name="file">As below.</param>
    /// <param name="exclusive">As below.</param>
    /// <param name="patience">How long to wait.</param>
    /// <returns>False when somebody else's lock is in the way all the time.</returns>
    /// <exception cref="LinuxException">The file system has no locks.</exception>
    public static bool TryTake(FileDescriptor file, bool exclusive, TimeSpan patience)
    {
        var wait = new LockWait(patience);
        while (!TryTake(file, exclusive))
        {
            if (!wait.TryPause())
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Takes the lock without waiting; one that is held already is changed.</summary>
    /// <param name="file">Open for writing when <paramref name="exclusive"/>, else for reading.</param>
    /// <param name="exclusive">Nobody else may hold a lock; otherwise others may hold shared ones.</param>
    /// <returns>False when somebody else's lock is in the way.</returns>
    /// <exception cref="LinuxException">The file system has no locks.</exception>
    public static bool TryTake(FileDescriptor file, bool exclusive)
    {
        // Length 0 reaches to the end, wherever that will be.
        var whole = new flock { l_type = exclusive ? LibC.F_WRLCK : LibC.F_RDLCK };
        if (LibC.fcntl(file, LibC.F_OFD_SETLK, in whole) == 0)
        {
            return true;
        }

        Errno errno = LinuxException.LastErrno;
        return errno is Errno.Again or Errno.AccessDenied ? false : throw new LinuxException("fcntl", errno);
    }

    /// <summary>Gives the lock back, if there is one, before the file is closed.</summary>
    public static void Release(FileDescriptor file)
    {
        var whole = new flock { l_type = LibC.F_UNLCK };
        _ = LibC.fcntl(file, LibC.F_OFD_SETLK, in whole);
    }
}
