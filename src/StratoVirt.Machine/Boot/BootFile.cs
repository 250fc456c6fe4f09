using Microsoft.Win32.SafeHandles;
using StratoVirt.Linux;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Machine.Boot;

/// <summary>
/// Bytes to boot from, read at offsets: a file on the host, or memory. Opened once, so that a reset boots what the
/// start booted even when the path has been replaced since. Contents are hostile and may change while they are read.
/// </summary>
internal abstract class BootFile : IDisposable
{
    private protected BootFile(string name, long length)
    {
        Name = name;
        Length = length;
    }

    /// <summary>What messages call it: the path, or what it is.</summary>
    public string Name { get; }

    /// <summary>Bytes, as they were when it was opened.</summary>
    public long Length { get; }

    /// <summary>Bytes held in memory.</summary>
    public static BootFile FromMemory(string name, ReadOnlyMemory<byte> content) => new InMemory(name, content);

    /// <summary>Bytes of this program, which are in its file and need not be in its memory too.</summary>
    /// <param name="name">What messages call them.</param>
    /// <param name="content">A stream that can seek; owned from now on.</param>
    public static BootFile FromStream(string name, Stream content) => new InStream(name, content);

    /// <summary>Opens a regular file.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="missing">The error to report when it is not there, may not be read, or is no regular file.</param>
    /// <param name="what">What it is to the user: <c>kernel</c>, <c>initrd</c>.</param>
    /// <exception cref="MachineException">It cannot be opened.</exception>
    public static BootFile Open(string path, MachineErrorId missing, string what)
    {
        // O_NONBLOCK: opening a pipe or a terminal line by mistake must fail, not wait for its other end.
        FileDescriptor? opened = FileDescriptor.TryOpen(path, OpenFlags.ReadOnly | OpenFlags.NonBlocking, 0, out Errno errno);
        if (opened is null)
        {
            throw errno is Errno.NoEntry or Errno.NotDirectory
                ? new MachineException(missing, $"There is no {what} at '{path}'.", $"Correct the path of the {what} in the definition.")
                : new MachineException(
                    missing,
                    $"The {what} '{path}' cannot be opened.",
                    $"Make the {what} readable for the user who starts the machine.",
                    new LinuxException("open", errno, path));
        }

        using (opened)
        {
            FileStatus status = FileStatus.Of(opened);
            if (!status.IsRegular)
            {
                throw new MachineException(
                    missing, $"The {what} '{path}' is not a regular file.", $"Name a file as {what}, not a directory or device.");
            }

            SafeFileHandle handle = new(opened.Number, ownsHandle: true);
            opened.SetHandleAsInvalid();
            return new OnHost(path, handle, 0, status);
        }
    }

    /// <summary>Takes ownership of an open file, of which the content starts at an offset.</summary>
    public static BootFile FromHandle(string name, SafeFileHandle handle, long start) => new OnHost(name, handle, start, null);

    /// <summary>Which file of the host it is, as it was opened; null when it is not a file of its own.</summary>
    public virtual FileStatus? Status => null;

    /// <summary>Fills a span from an offset; false when the content ends before the span does.</summary>
    /// <exception cref="IOException">The host could not read the file.</exception>
    public abstract bool TryRead(long offset, Span<byte> destination);

    /// <summary>Another descriptor of the file on the host behind it, and where in that the content begins; false when
    /// the content is in this process's memory.</summary>
    public virtual bool TryDuplicate(out FileDescriptor? file, out long start)
    {
        (file, start) = (null, 0);
        return false;
    }

    /// <summary>The content from an offset on, as a stream for decoders. Does not own this file.</summary>
    public BootFileStream OpenRange(long offset, long length) => new(this, offset, length);

    /// <inheritdoc/>
    public virtual void Dispose() => GC.SuppressFinalize(this);

    private sealed class InMemory(string name, ReadOnlyMemory<byte> content) : BootFile(name, content.Length)
    {
        public override bool TryRead(long offset, Span<byte> destination)
        {
            if ((ulong)offset > (ulong)content.Length || destination.Length > content.Length - offset)
            {
                return false;
            }

            content.Span.Slice((int)offset, destination.Length).CopyTo(destination);
            return true;
        }
    }

    private sealed class InStream(string name, Stream content) : BootFile(name, content.Length)
    {
        public override bool TryRead(long offset, Span<byte> destination)
        {
            if ((ulong)offset > (ulong)Length || destination.Length > Length - offset)
            {
                return false;
            }

            lock (content)
            {
                content.Position = offset;
                content.ReadExactly(destination);
                return true;
            }
        }

        public override void Dispose()
        {
            content.Dispose();
            base.Dispose();
        }
    }

    private sealed class OnHost(string name, SafeFileHandle handle, long start, FileStatus? status)
        : BootFile(name, Math.Max(0, RandomAccess.GetLength(handle) - start))
    {
        public override FileStatus? Status => status;

        public override bool TryRead(long offset, Span<byte> destination)
        {
            if ((ulong)offset > (ulong)Length || destination.Length > Length - offset)
            {
                return false;
            }

            using var content = new FileDescriptor((int)handle.DangerousGetHandle(), ownsHandle: false);
            while (!destination.IsEmpty)
            {
                Errno errno = content.ReadAt(destination, start + offset, out int count);
                if (errno != Errno.None)
                {
                    throw new LinuxException("read", errno, Name);
                }

                if (count == 0)
                {
                    return false;
                }

                destination = destination[count..];
                offset += count;
            }

            return true;
        }

        public override bool TryDuplicate(out FileDescriptor? file, out long offset)
        {
            using var present = new FileDescriptor((int)handle.DangerousGetHandle(), ownsHandle: false);
            file = present.Duplicate();
            GC.KeepAlive(handle);
            offset = start;
            return true;
        }

        public override void Dispose()
        {
            handle.Dispose();
            base.Dispose();
        }
    }
}
