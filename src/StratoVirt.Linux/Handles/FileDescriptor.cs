using System.Runtime.InteropServices;
using StratoVirt.Linux.Abi;

namespace StratoVirt.Linux.Handles;

/// <summary>An open file descriptor, closed exactly once.</summary>
public class FileDescriptor : SafeHandle
{
    /// <summary>For the marshaller only.</summary>
    public FileDescriptor()
        : base(-1, ownsHandle: true)
    {
    }

    /// <summary>Wraps a descriptor that some call has returned.</summary>
    public FileDescriptor(int descriptor, bool ownsHandle = true)
        : base(-1, ownsHandle) => SetHandle(descriptor);

    /// <inheritdoc/>
    public override bool IsInvalid => handle < 0;

    /// <summary>The number itself, for structures that carry a descriptor to the kernel. The caller keeps this
    /// object alive for as long as the kernel may use the number.</summary>
    public int Number => (int)handle;

    /// <summary>Opens a path. Always close-on-exec.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static FileDescriptor Open(string path, OpenFlags flags, int mode = 0)
    {
        FileDescriptor? opened = TryOpen(path, flags, mode, out Errno errno);
        return opened ?? throw new LinuxException("open", errno, path);
    }

    /// <summary>Opens a path; null and the error number when the kernel refuses.</summary>
    public static FileDescriptor? TryOpen(string path, OpenFlags flags, int mode, out Errno errno)
    {
        int descriptor = LibC.open(path, (int)(flags | OpenFlags.CloseOnExec), mode);
        errno = descriptor < 0 ? LinuxException.LastErrno : Errno.None;
        return descriptor < 0 ? null : new FileDescriptor(descriptor);
    }

    /// <summary>Makes the entries of a directory durable, after a file was created or renamed in it.</summary>
    /// <exception cref="LinuxException">The directory cannot be opened or flushed.</exception>
    public static void SyncDirectory(string path)
    {
        using FileDescriptor directory = Open(path, OpenFlags.ReadOnly);
        if (LibC.fsync(directory) < 0)
        {
            throw LinuxException.Last("fsync", path);
        }
    }

    /// <summary>Reads from the current position (read). A signal is no reason to return.</summary>
    /// <param name="buffer">Filled from the start.</param>
    /// <param name="count">Bytes read: 0 at the end of the file, and on error.</param>
    public Errno Read(Span<byte> buffer, out int count)
    {
        nint result;
        do
        {
            result = LibC.read(this, ref MemoryMarshal.GetReference(buffer), (nuint)buffer.Length);
        }
        while (Interrupted(result));
        return Complete(result, out count);
    }

    /// <summary>Writes at the current position, or at the end with <see cref="OpenFlags.Append"/> (write).</summary>
    /// <param name="buffer">What to write.</param>
    /// <param name="count">Bytes written, which may be fewer than asked; 0 on error.</param>
    public Errno Write(ReadOnlySpan<byte> buffer, out int count)
    {
        nint result;
        do
        {
            result = LibC.write(this, in MemoryMarshal.GetReference(buffer), (nuint)buffer.Length);
        }
        while (Interrupted(result));
        return Complete(result, out count);
    }

    /// <summary>Reads at an offset, leaving the current position alone (preadv2).</summary>
    /// <param name="buffer">Filled from the start.</param>
    /// <param name="offset">Bytes from the start of the file.</param>
    /// <param name="count">Bytes read: 0 at the end of the file, and on error.</param>
    public Errno ReadAt(Span<byte> buffer, long offset, out int count) =>
        TransferAt(buffer, offset, write: false, out count);

    /// <summary>Writes at an offset, leaving the current position alone (pwritev2).</summary>
    /// <param name="buffer">What to write.</param>
    /// <param name="offset">Bytes from the start of the file.</param>
    /// <param name="count">Bytes written, which may be fewer than asked; 0 on error.</param>
    public Errno WriteAt(ReadOnlySpan<byte> buffer, long offset, out int count) =>
        TransferAt(buffer, offset, write: true, out count);

    /// <summary>Writes all of it from the current position, in as many calls as it takes.</summary>
    /// <returns>The error that stopped it; what was written before it stays written. A full pipe or socket that does
    /// not block says <see cref="Errno.Again"/>.</returns>
    public Errno WriteAll(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            Errno errno = Write(buffer, out int count);
            if (errno != Errno.None)
            {
                return errno;
            }

            buffer = buffer[count..];
        }

        return Errno.None;
    }

    /// <summary>Sets the length of a file (ftruncate): cuts it, or extends it with a hole that reads as zero.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void SetLength(long length)
    {
        if (LibC.ftruncate(this, length) < 0)
        {
            throw LinuxException.Last("ftruncate");
        }
    }

    /// <summary>Makes a file longer: what is new reads as zero, and all but its last block is a hole. By fallocate, which
    /// threads that contain themselves have for other uses too; by ftruncate where the file system knows none.</summary>
    /// <param name="length">Bytes, more than it has.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void Extend(long length)
    {
        if (LibC.fallocate(this, 0, length - 1, 1) == 0)
        {
            return;
        }

        if (LinuxException.LastErrno != Errno.NotSupported)
        {
            throw LinuxException.Last("fallocate");
        }

        SetLength(length);
    }

    /// <summary>Another descriptor of the same open file (F_DUPFD_CLOEXEC).</summary>
    /// <param name="least">The least number it may get.</param>
    /// <exception cref="LinuxException">The process has no descriptor left.</exception>
    public FileDescriptor Duplicate(int least = 0)
    {
        int descriptor = LibC.fcntl(this, LibC.F_DUPFD_CLOEXEC, least);
        return descriptor < 0 ? throw LinuxException.Last("fcntl(F_DUPFD_CLOEXEC)") : new FileDescriptor(descriptor);
    }

    /// <summary>Another descriptor of the same open file, which programs that this process becomes or starts inherit.</summary>
    /// <exception cref="LinuxException">The process has no descriptor left.</exception>
    public FileDescriptor DuplicateInherited()
    {
        const int BehindStandardStreams = 16;
        FileDescriptor inherited = Duplicate(BehindStandardStreams);
        if (LibC.fcntl(inherited, LibC.F_SETFD, 0) < 0)
        {
            LinuxException failure = LinuxException.Last("fcntl(F_SETFD)");
            inherited.Dispose();
            throw failure;
        }

        return inherited;
    }

    /// <summary>Gives the descriptor away: its number is another's to close.</summary>
    public int Release()
    {
        int number = Number;
        SetHandleAsInvalid();
        return number;
    }

    /// <summary>Flushes file data, and the metadata needed to read it, to the device (fdatasync).</summary>
    public Errno TrySyncData() => LibC.fdatasync(this) < 0 ? LinuxException.LastErrno : Errno.None;

    /// <summary>Flushes file data and metadata to the device (fsync).</summary>
    public Errno TrySync() => LibC.fsync(this) < 0 ? LinuxException.LastErrno : Errno.None;

    /// <summary>Flushes file data and metadata to the device (fsync).</summary>
    /// <exception cref="LinuxException">The kernel reported an error; the data may not be on disk.</exception>
    public void Sync()
    {
        if (LibC.fsync(this) < 0)
        {
            throw LinuxException.Last("fsync");
        }
    }

    /// <summary>Takes a whole-file advisory lock (flock) without waiting; false when another open file holds it.</summary>
    /// <exception cref="LinuxException">Any failure other than the lock being held.</exception>
    public bool TryLockExclusive()
    {
        if (LibC.flock(this, LibC.LOCK_EX | LibC.LOCK_NB) == 0)
        {
            return true;
        }

        Errno errno = LinuxException.LastErrno;
        return errno == Errno.Again ? false : throw new LinuxException("flock", errno);
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => LibC.close((int)handle) == 0;

    // SAFETY: the buffer is pinned for the length of the call and the kernel is told its true length; it is written only
    // by ReadAt, whose caller gave a writable span.
    private unsafe Errno TransferAt(ReadOnlySpan<byte> buffer, long offset, bool write, out int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        fixed (byte* bytes = buffer)
        {
            var single = new iovec { iov_base = (nint)bytes, iov_len = (nuint)buffer.Length };
            nint result;
            do
            {
                result = write
                    ? LibC.pwritev2(this, (nint)(&single), 1, offset, 0)
                    : LibC.preadv2(this, (nint)(&single), 1, offset, 0);
            }
            while (Interrupted(result));
            return Complete(result, out count);
        }
    }

    private static bool Interrupted(nint result) => result < 0 && LinuxException.LastErrno == Errno.Interrupted;

    private static Errno Complete(nint result, out int count)
    {
        count = result < 0 ? 0 : (int)result;
        return result < 0 ? LinuxException.LastErrno : Errno.None;
    }
}
