using StratoVirt.Linux;
using StratoVirt.Linux.Handles;
using StratoVirt.Linux.Storage;

namespace StratoVirt.Backends.Block;

/// <summary>
/// A raw image that is open: what it is, and which calls on it make up a request. Engines make the calls:
/// <see cref="Plan"/> says the next one, <see cref="Account"/> takes its result and says whether that was the last.
/// </summary>
internal sealed class RawImage : IDisposable
{
    // Where the file system knows no better way, zeroes are written from here: memory that is never touched.
    private const int ZeroBytes = 1 << 20;

    private const int AttemptPunch = 0;
    private const int AttemptZero = 1;
    private const int AttemptWrite = 2;

    private readonly DirectIo? _direct;
    private readonly bool _unmap;
    private readonly bool _discard;
    private readonly Lazy<MemoryMapping> _zeroes = new(() => MemoryMapping.CreateAnonymous(ZeroBytes));
    private volatile bool _cannotZero;
    private long _length;

    public RawImage(string path, FileDescriptor file, StorageFacts facts, int logicalBlock, BlockImageOptions options)
    {
        Path = path;
        File = file;
        LogicalBlock = logicalBlock;
        PhysicalBlock = Math.Max(facts.PhysicalBlock, logicalBlock);
        IsReadOnly = options.ReadOnly;
        _unmap = options.Unmap && facts.CanPunchHoles && !options.ReadOnly;
        _discard = options.Unmap && facts.CanDiscard && !facts.CanPunchHoles && !options.ReadOnly;
        _direct = options.Direct ? DirectIo.Of(file) : null;
        Bounces = options.Direct ? new BounceBuffers() : null;
        _length = Whole(facts.Length);
    }

    public string Path { get; }

    public FileDescriptor File { get; }

    public int LogicalBlock { get; }

    public int PhysicalBlock { get; }

    public bool IsReadOnly { get; }

    public bool CanUnmap => _unmap || _discard;

    /// <summary>Whether discarding is a call that only a thread can make.</summary>
    public bool DiscardsByThread => _discard;

    public long Length => Volatile.Read(ref _length);

    /// <summary>Aligned memory; null without direct I/O.</summary>
    public BounceBuffers? Bounces { get; }

    public void Grow(long length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, Length);
        if (length > Length)
        {
            File.Extend(length);
        }
    }

    public bool RefreshLength()
    {
        long length = Whole(StorageFacts.LengthOf(File));
        return Interlocked.Exchange(ref _length, length) != length;
    }

    /// <summary>Whether a request is over without a call: it covers nothing, or asks for nothing that can be done.</summary>
    public bool IsTrivial(BlockIo io) => io.Operation switch
    {
        BlockOperation.Flush => IsReadOnly,
        BlockOperation.Discard => io.Length == 0 || !CanUnmap,
        _ => io.Length == 0,
    };

    /// <summary>Whether a request is a write that ends in the host's page cache.</summary>
    public bool IsCacheWrite(BlockIo io) =>
        _direct is null && io.Operation == BlockOperation.Write && (io.Options & BlockIoOptions.Durable) == 0;

    /// <summary>Whether a request's memory is not aligned as the open file asks.</summary>
    public bool NeedsBounce(BlockIo io)
    {
        if (_direct is not { } direct || io.Operation is not (BlockOperation.Read or BlockOperation.Write))
        {
            return false;
        }

        nint wrong = 0;
        foreach (IoVector vector in io.Remaining)
        {
            wrong |= (vector.Address & (direct.Memory - 1)) | (vector.Length & (direct.Offset - 1));
        }

        return wrong != 0;
    }

    /// <summary>The next call of a request.</summary>
    public FileCall Plan(BlockIo io)
    {
        bool durable = (io.Options & BlockIoOptions.Durable) != 0;
        long offset = io.Offset + io.Done;
        long rest = io.Length - io.Done;
        switch (io.Operation)
        {
            case BlockOperation.Read:
            case BlockOperation.Write:
                return io.Bounce >= 0 ? PlanBounced(io, offset, rest, durable) : PlanTransfer(io, offset, durable);
            case BlockOperation.Flush:
                return FileCall.SyncData();
            case BlockOperation.Discard:
                return _discard ? FileCall.Discard(offset, rest) : FileCall.PunchHole(offset, rest);
            default:
                return PlanZeroes(io, offset, rest, durable);
        }
    }

    /// <summary>Takes the result of the call last planned: bytes, or a negative error number.</summary>
    /// <returns>Whether the request is over; otherwise plan the next call.</returns>
    public bool Account(BlockIo io, int result)
    {
        if (result < 0)
        {
            return AccountError(io, (Errno)(-result));
        }

        switch (io.Operation)
        {
            case BlockOperation.Read when io.Bounce >= 0:
                Scatter(io, Bounces![io.Bounce, result]);
                goto case BlockOperation.Write;
            case BlockOperation.Read:
            case BlockOperation.Write:
                if (result == 0)
                {
                    // Nothing read: the file ends here. Nothing written: there is no room for even one byte.
                    io.Result = io.Operation == BlockOperation.Read ? BlockIo.EndOfImage : Errno.NoSpace;
                    return true;
                }

                io.Advance(result);
                return io.Done == io.Length;
            case BlockOperation.WriteZeroes when io.Attempt == AttemptWrite:
                if (result == 0)
                {
                    io.Result = Errno.NoSpace;
                    return true;
                }

                io.Advance(result);
                return io.Done >= io.Length;
            default:
                return true;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (File.IsClosed)
        {
            return;
        }

        Bounces?.Dispose();
        if (_zeroes.IsValueCreated)
        {
            _zeroes.Value.Dispose();
        }

        // A ring that has ended holds the open file, and with it the lock, for some time longer.
        FileRangeLock.Release(File);
        File.Dispose();
    }

    private static FileCall PlanTransfer(BlockIo io, long offset, bool durable)
    {
        ReadOnlySpan<IoVector> remaining = io.Remaining;
        bool read = io.Operation == BlockOperation.Read;
        if (remaining.Length == 1)
        {
            return read ? FileCall.Read(remaining[0], offset) : FileCall.Write(remaining[0], offset, durable);
        }

        int count = Math.Min(remaining.Length, FileCall.MaxVectors);
        return read
            ? FileCall.Read(io.Vectors, io.First, count, offset)
            : FileCall.Write(io.Vectors, io.First, count, offset, durable);
    }

    private FileCall PlanBounced(BlockIo io, long offset, long rest, bool durable)
    {
        IoVector bounce = Bounces![io.Bounce, (int)Math.Min(rest, BounceBuffers.BufferBytes)];
        if (io.Operation == BlockOperation.Read)
        {
            return FileCall.Read(bounce, offset);
        }

        Span<byte> destination = bounce.Span;
        foreach (IoVector vector in io.Remaining)
        {
            int run = Math.Min(vector.Length, destination.Length);
            vector.Span[..run].CopyTo(destination);
            destination = destination[run..];
            if (destination.IsEmpty)
            {
                break;
            }
        }

        return FileCall.Write(bounce, offset, durable);
    }

    private FileCall PlanZeroes(BlockIo io, long offset, long rest, bool durable)
    {
        if (io.Attempt == AttemptPunch && !(_unmap && (io.Options & BlockIoOptions.MayUnmap) != 0))
        {
            io.Attempt = AttemptZero;
        }

        if (io.Attempt == AttemptZero && _cannotZero)
        {
            io.Attempt = AttemptWrite;
        }

        return io.Attempt switch
        {
            AttemptPunch => FileCall.PunchHole(offset, rest),
            AttemptZero => FileCall.ZeroRange(offset, rest),
            _ => FileCall.Write(new IoVector(_zeroes.Value.Address, (int)Math.Min(rest, ZeroBytes)), offset, durable),
        };
    }

    private bool AccountError(BlockIo io, Errno errno)
    {
        if (errno is Errno.Again or Errno.Interrupted)
        {
            return false;
        }

        if (io.Operation == BlockOperation.WriteZeroes && errno == Errno.NotSupported && io.Attempt < AttemptWrite)
        {
            _cannotZero |= io.Attempt == AttemptZero;
            io.Attempt++;
            return false;
        }

        // What a disk says of a sector it cannot read (BLK_STS_MEDIUM) is here the word for the end of the image.
        io.Result = errno == BlockIo.EndOfImage ? Errno.InputOutput : errno;
        return true;
    }

    private static void Scatter(BlockIo io, IoVector source)
    {
        ReadOnlySpan<byte> bytes = source.Span;
        foreach (IoVector vector in io.Remaining)
        {
            int run = Math.Min(vector.Length, bytes.Length);
            bytes[..run].CopyTo(vector.Span);
            bytes = bytes[run..];
            if (bytes.IsEmpty)
            {
                break;
            }
        }
    }

    private long Whole(long length) => length - (length % LogicalBlock);
}
