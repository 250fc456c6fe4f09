using System.Diagnostics;
using StratoVirt.Linux.Abi;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Linux.Storage;

/// <summary>Advisory locks on whole files that belong to the open file (F_OFD_SETLK): they end when it is closed, and
/// hold between two opens of one process as between two processes. QEMU's locks are of the same kind.</summary>
public static class FileRangeLock
{
    // fcntl knows no deadline, so whoever waits with one asks again and again, the longer he waits the less often.
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(16);

    /// <summary>Takes the lock, waiting for it.</summary>
    /// <param name="file">As below.</param>
    /// <param name="exclusive">As below.</param>
    /// <param name="patience">How long to wait.</param>
    /// <returns>False when somebody else's lock is in the way all the time.</returns>
    /// <exception cref="LinuxException">The file system has no locks.</exception>
    public static bool TryTake(FileDescriptor file, bool exclusive, TimeSpan patience)
    {
        long start = Stopwatch.GetTimestamp();
        for (TimeSpan wait = FirstWait; !TryTake(file, exclusive); wait = wait < LongestWait ? 2 * wait : LongestWait)
        {
            if (Stopwatch.GetElapsedTime(start) >= patience)
            {
                return false;
            }

            Thread.Sleep(wait);
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
