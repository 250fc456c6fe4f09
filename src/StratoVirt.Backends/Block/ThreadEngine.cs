using System.Diagnostics.CodeAnalysis;
using StratoVirt.Linux.Handles;
using StratoVirt.Linux.Threads;

namespace StratoVirt.Backends.Block;

/// <summary>Does an image's I/O with a few threads that block; for hosts that refuse io_uring.</summary>
internal sealed class ThreadEngine : IBlockBackend
{
    private const int StackBytes = 128 * 1024;

    private readonly RawImage _image;
    private readonly EventFd _completions = EventFd.Create();
    private readonly Thread[] _threads;
    private readonly IThreadGuard? _guard;

    // The device's thread alone.
    private readonly BlockIoList _waiting = new();
    private readonly BlockIoList _collected = new();

    // Behind the gate.
    private readonly object _gate = new();
    private readonly BlockIoList _work = new();
    private readonly BlockIoList _over = new();
    private bool _stopping;
    private bool _signalled;

    public ThreadEngine(RawImage image, int threads, IThreadGuard? guard)
    {
        _image = image;
        _guard = guard;
        _threads = new Thread[threads];
        for (int i = 0; i < threads; i++)
        {
            _threads[i] = new Thread(Run, StackBytes) { IsBackground = true, Name = $"blk-worker-{i}" };
            _threads[i].Start();
        }
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
    public int InFlight { get; private set; }

    /// <inheritdoc/>
    public FileDescriptor Completions => _completions;

    /// <inheritdoc/>
    public void Submit(BlockIo io)
    {
        ArgumentNullException.ThrowIfNull(io);
        InFlight++;
        if (_image.IsTrivial(io))
        {
            lock (_gate)
            {
                AddOver(io);
            }
        }
        else
        {
            _waiting.Add(io);
        }
    }

    /// <inheritdoc/>
    public void Commit()
    {
        if (_waiting.IsEmpty)
        {
            return;
        }

        lock (_gate)
        {
            bool any = false;
            while (_waiting.TryTake(out BlockIo? io))
            {
                if (_image.NeedsBounce(io))
                {
                    if (!_image.Bounces!.TryTake(out int bounce))
                    {
                        _waiting.PutBack(io);
                        break;
                    }

                    io.Bounce = bounce;
                }

                _work.Add(io);
                any = true;
            }

            if (any)
            {
                Monitor.PulseAll(_gate);
            }
        }
    }

    /// <inheritdoc/>
    public bool TryCollect([NotNullWhen(true)] out BlockIo? io)
    {
        if (!_collected.TryTake(out io))
        {
            Gather();
            if (!_collected.TryTake(out io))
            {
                return false;
            }
        }

        InFlight--;
        if (io.Bounce >= 0)
        {
            _image.Bounces!.Return(io.Bounce);
            io.Bounce = -1;
            Commit();
        }

        return true;
    }

    /// <inheritdoc/>
    public void Wait()
    {
        lock (_gate)
        {
            while (_over.IsEmpty && _collected.IsEmpty)
            {
                Monitor.Wait(_gate);
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
        lock (_gate)
        {
            _stopping = true;
            Monitor.PulseAll(_gate);
        }

        foreach (Thread thread in _threads)
        {
            thread.Join();
        }

        _completions.Dispose();
        _image.Dispose();
    }

    private void Gather()
    {
        lock (_gate)
        {
            if (_signalled)
            {
                _signalled = false;
                _ = _completions.Drain();
            }

            while (_over.TryTake(out BlockIo? io))
            {
                _collected.Add(io);
            }
        }
    }

    private void Run()
    {
        _guard?.Enter(ThreadRole.Worker);
        while (TryTakeWork(out BlockIo? io))
        {
            bool isOver;
            do
            {
                isOver = _image.Account(io, _image.Plan(io).Execute(_image.File));
            }
            while (!isOver);

            lock (_gate)
            {
                AddOver(io);
                Monitor.PulseAll(_gate);
            }
        }
    }

    // What was taken on is done before the end.
    private bool TryTakeWork([NotNullWhen(true)] out BlockIo? io)
    {
        lock (_gate)
        {
            while (!_work.TryTake(out io))
            {
                if (_stopping)
                {
                    return false;
                }

                Monitor.Wait(_gate);
            }

            return true;
        }
    }

    private void AddOver(BlockIo io)
    {
        _over.Add(io);
        if (!_signalled)
        {
            _signalled = true;
            _completions.Signal();
        }
    }
}
