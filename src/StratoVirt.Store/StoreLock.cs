using System.Diagnostics;
using StratoVirt.Linux;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Store;

/// <summary>
/// A lock file, held with flock(2): between processes and between threads alike, and given back by the kernel when its
/// holder dies. A lock file may be deleted by its holder, so whoever gets the lock makes sure that it is still the file
/// of that name, and tries again when it is not.
/// </summary>
internal sealed class StoreLock : IDisposable
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(10);

    private readonly string _path;
    private readonly FileDescriptor _file;

    private StoreLock(string path, FileDescriptor file)
    {
        _path = path;
        _file = file;
    }

    /// <summary>Takes the lock, waiting for it no longer than given.</summary>
    /// <exception cref="StoreException"><see cref="StoreErrorId.Busy"/>: the time passed.</exception>
    /// <exception cref="LinuxException">The file cannot be opened.</exception>
    internal static StoreLock Acquire(string path, TimeSpan timeout)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            FileDescriptor file = FileDescriptor.Open(path, OpenFlags.ReadWrite | OpenFlags.Create, mode: 0x180);
            bool isHeld = false;
            try
            {
                isHeld = file.TryLockExclusive()
                    && FileStatus.Find(path) is FileStatus named
                    && named.IsSameFile(FileStatus.Of(file));
            }
            finally
            {
                if (!isHeld)
                {
                    file.Dispose();
                }
            }

            if (isHeld)
            {
                return new StoreLock(path, file);
            }

            if (Stopwatch.GetElapsedTime(start) >= timeout)
            {
                throw new StoreException(
                    StoreErrorId.Busy,
                    $"Another session is changing the store, and has held '{path}' for {timeout.TotalSeconds:0.#} seconds.",
                    "Wait for the other session to finish, then try again.");
            }

            Thread.Sleep(RetryInterval);
        }
    }

    /// <summary>Deletes the lock's file, because what it guards is gone. The lock is held on until disposed.</summary>
    internal void Delete() => File.Delete(_path);

    public void Dispose() => _file.Dispose();
}
