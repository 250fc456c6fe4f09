using System.Diagnostics.CodeAnalysis;
using StratoVirt.Linux;
using StratoVirt.Linux.Handles;
using StratoVirt.Linux.IoUring;
using StratoVirt.Linux.Storage;
using StratoVirt.Linux.Threads;

namespace StratoVirt.Backends.Block;

/// <summary>Does an image's I/O through a ring of its own.</summary>
internal sealed class RingEngine : IBlockBackend
{
    // As much as one queue of the usual length holds; the rest waits here.
    private const int Depth = 256;

    private readonly RawImage _image;
    private readonly IoRing _ring;

    // What is under way, by the number the kernel knows it by.
    private readonly BlockIo?[] _slots;
    private readonly int[] _freeSlots;
    private readonly BlockIoList _waiting = new();
    private readonly BlockIoList _over = new();
    private readonly QuickWrites _quickWrites = new(TimeProvider.System);

    // Makes the calls that no ring takes; with it, completions come from two places.
    private readonly ThreadEngine? _aside;
    private readonly Epoll? _both;
    private int _freeCount;
    private int _inRing;

    private RingEngine(RawImage image, IoRing ring, IThreadGuard? guard)
    {
        _image = image;
        _ring = ring;
        if (image.DiscardsByThread)
        {
            _aside = new ThreadEngine(image, threads: 1, guard);
            _both = Epoll.Create();
            _both.Add(ring.Completions, EpollEvents.In, 0);
            _both.Add(_aside.Completions, EpollEvents.In, 1);
        }

        _slots = new BlockIo?[ring.Capacity];
        _freeSlots = [.. Enumerable.Range(0, ring.Capacity)];
        _freeCount = ring.Capacity;
    }

    /// <inheritdoc/>
    public string Name => _image.Path;

    /// <inheritdoc/>
    public long Length => _image.Length;

    /// <inheritdoc/>
    public int LogicalBlock => _image.LogicalBlock;

    /// <inheritdoc/>
    public int PhysicalBlock => _image.PhysicalBlock;

    /// <inheritdoc/>
    public bool IsReadOnly => _image.IsReadOnly;

    /// <inheritdoc/>
    public bool CanUnmap => _image.CanUnmap;

    /// <inheritdoc/>
    public int InFlight => _inRing + (_aside?.InFlight ?? 0);

    /// <inheritdoc/>
    public FileDescriptor Completions => _both ?? _ring.Completions;

    /// <summary>Makes one; null where rings are refused.</summary>
    public static RingEngine? TryCreate(RawImage image, out Errno errno, IThreadGuard? guard = null) =>
        IoRing.TryCreate(image.File, Depth, out errno) is { } ring ? new RingEngine(image, ring, guard) : null;

    /// <inheritdoc/>
    public void Submit(BlockIo io)
    {
        ArgumentNullException.ThrowIfNull(io);
        if (_aside is not null && io.Operation == BlockOperation.Discard)
        {
            _aside.Submit(io);
            return;
        }

        _inRing++;
        if (_image.IsTrivial(io))
        {
            _over.Add(io);
        }
        else if (_image.IsCacheWrite(io) && _quickWrites.AreAllowed)
        {
            WriteNow(io);
        }
        else if (!_waiting.IsEmpty || !TryStart(io))
        {
            _waiting.Add(io);
        }
    }

    /// <inheritdoc/>
    public void Commit()
    {
        _aside?.Commit();
        if (_ring.Prepared == 0)
        {
            return;
        }

        Errno errno = _ring.Enter(wait: false);
        if (errno is Errno.Again or Errno.Busy && _freeCount + _ring.Prepared < _slots.Length)
        {
            // The kernel is short of memory now; completions of what is under way bring the next try.
            return;
        }

        while (errno != Errno.None && _ring.TryWithdraw(out ulong slot))
        {
            BlockIo io = Release((int)slot);
            io.Result = errno;
            Finish(io);
        }
    }

    /// <inheritdoc/>
    public bool TryCollect([NotNullWhen(true)] out BlockIo? io)
    {
        if (_aside is not null && _aside.TryCollect(out io))
        {
            return true;
        }

        while (!_over.TryTake(out io))
        {
            if (!_ring.TryTake(out ulong slot, out int result))
            {
                Commit();
                return _over.TryTake(out io) && Count(io);
            }

            BlockIo served = _slots[slot]!;
            if (_image.Account(served, result))
            {
                Finish(Release((int)slot));
            }
            else
            {
                // The ring holds a place for every slot.
                _ = _ring.TryPrepare(_image.Plan(served), slot);
            }
        }

        return Count(io);
    }

    /// <inheritdoc/>
    public void Wait()
    {
        if (_inRing == 0)
        {
            _aside?.Wait();
            return;
        }

        if (_over.IsEmpty)
        {
            Errno errno = _ring.Enter(wait: true);
            if (errno != Errno.None)
            {
                Commit();
            }
        }
    }

    /// <inheritdoc/>
    public void Grow(long length) => _image.Grow(length);

    /// <inheritdoc/>
    public bool RefreshLength() => _image.RefreshLength();

    /// <inheritdoc/>
    public void Dispose()
    {
        while (InFlight > 0)
        {
            Commit();
            Wait();
            while (TryCollect(out _))
            {
            }
        }

        _both?.Dispose();
        _ring.Dispose();
        _aside?.Dispose();
        _image.Dispose();
    }

    private void WriteNow(BlockIo io)
    {
        long begun = _quickWrites.Begin();
        int result;
        do
        {
            result = _image.Plan(io).Execute(_image.File);
        }
        while (!_image.Account(io, result));

        _quickWrites.End(begun);
        _over.Add(io);
    }

    private bool Count(BlockIo _)
    {
        _inRing--;
        return true;
    }

    private bool TryStart(BlockIo io)
    {
        if (_freeCount == 0)
        {
            return false;
        }

        if (_image.NeedsBounce(io))
        {
            if (!_image.Bounces!.TryTake(out int bounce))
            {
                return false;
            }

            io.Bounce = bounce;
        }

        int slot = _freeSlots[--_freeCount];
        _slots[slot] = io;
        FileCall call = _image.Plan(io);
        _ = _ring.TryPrepare(in call, (ulong)slot);
        return true;
    }

    private BlockIo Release(int slot)
    {
        BlockIo io = _slots[slot]!;
        _slots[slot] = null;
        _freeSlots[_freeCount++] = slot;
        return io;
    }

    private void Finish(BlockIo io)
    {
        if (io.Bounce >= 0)
        {
            _image.Bounces!.Return(io.Bounce);
            io.Bounce = -1;
        }

        _over.Add(io);
        while (_waiting.TryTake(out BlockIo? next))
        {
            if (!TryStart(next))
            {
                _waiting.PutBack(next);
                return;
            }
        }
    }
}
