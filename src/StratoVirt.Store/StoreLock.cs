using StratoVirt.Linux;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Store;

/// <summary>A lock of the store, and the error for whoever does not get it.</summary>
internal sealed class StoreLock : IDisposable
{
    private readonly NamedLock _lock;

    private StoreLock(NamedLock taken) => _lock = taken;

    /// <summary>Takes the lock, waiting for it no longer than given.</summary>
    /// <exception cref="StoreException"><see cref="StoreErrorId.Busy"/>: the time passed.</exception>
    /// <exception cref="LinuxException">The file cannot be opened.</exception>
    internal static StoreLock Acquire(string path, TimeSpan timeout) =>
        NamedLock.Take(path, create: true, timeout, out NamedLock? taken) == NamedLockOutcome.Taken
            ? new StoreLock(taken!)
            : throw new StoreException(
                StoreErrorId.Busy,
                $"Another session is changing the store, and has held '{path}' for {timeout.TotalSeconds:0.#} seconds.",
                "Wait for the other session to finish, then try again.");

    /// <summary>Deletes the lock's file, because what it guards is gone. The lock is held on until disposed.</summary>
    internal void Delete() => File.Delete(_lock.Path);

    public void Dispose() => _lock.Dispose();
}
