using System.Diagnostics.CodeAnalysis;
using StratoVirt.Backends.Block;
using StratoVirt.Linux;
using StratoVirt.Linux.Handles;
using StratoVirt.Linux.Storage;

namespace StratoVirt.Testing.Virtio.Hostile.Subjects;

/// <summary>A disk in this process's memory that does requests when it is told to, in any order, or fails them.</summary>
/// <param name="content">The disk.</param>
/// <param name="check">Called with every piece of memory it is handed.</param>
public sealed class MemoryDisk(byte[] content, Action<nint, int> check) : IBlockBackend
{
    private readonly EventFd _completions = EventFd.Create();
    private readonly List<BlockIo> _submitted = [];
    private readonly List<BlockIo> _committed = [];
    private readonly Queue<BlockIo> _done = new();

    /// <summary>Whether requests wait for <see cref="Finish"/>.</summary>
    public bool Holds { get; set; }

    /// <summary>How the next requests end; None: well.</summary>
    public Errno Failure { get; set; }

    /// <summary>Requests that were failed.</summary>
    public int Failed { get; private set; }

    /// <inheritdoc/>
    public string Name => "memory";

    /// <inheritdoc/>
    public long Length => content.Length;

    /// <inheritdoc/>
    public int LogicalBlock => 512;

    /// <inheritdoc/>
    public int PhysicalBlock => 4096;

    /// <inheritdoc/>
    public bool IsReadOnly => false;

    /// <inheritdoc/>
    public bool CanUnmap => true;

    /// <inheritdoc/>
    public int InFlight => _submitted.Count + _committed.Count + _done.Count;

    /// <inheritdoc/>
    public FileDescriptor Completions => _completions;

    /// <inheritdoc/>
    public void Submit(BlockIo io)
    {
        ArgumentNullException.ThrowIfNull(io);
        _submitted.Add(io);
    }

    /// <inheritdoc/>
    public void Commit()
    {
        _committed.AddRange(_submitted);
        _submitted.Clear();
        while (!Holds && _committed.Count > 0)
        {
            Finish(0);
        }
    }

    /// <inheritdoc/>
    public bool TryCollect([NotNullWhen(true)] out BlockIo? io)
    {
        if (_done.Count == 0)
        {
            _ = _completions.Drain();
        }

        return _done.TryDequeue(out io);
    }

    /// <inheritdoc/>
    public void Wait()
    {
        while (_committed.Count > 0)
        {
            Finish(_committed.Count - 1);
        }
    }

    /// <inheritdoc/>
    public bool RefreshLength() => false;

    /// <inheritdoc/>
    public void Grow(long length)
    {
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (InFlight > 0)
        {
            throw new HostileFindingException($"A disk was closed with {InFlight} requests under way.");
        }

        _completions.Dispose();
    }

    /// <summary>Does one of the requests it holds.</summary>
    /// <param name="which">Any number.</param>
    public void Finish(int which)
    {
        if (_committed.Count == 0)
        {
            return;
        }

        int index = which % _committed.Count;
        BlockIo io = _committed[index];
        _committed.RemoveAt(index);
        if (Failure != Errno.None)
        {
            Failed++;
            io.Result = Failure;
        }
        else
        {
            Do(io);
        }

        _done.Enqueue(io);
        _completions.Signal();
    }

    private void Do(BlockIo io)
    {
        if (io.Offset < 0 || io.Length < 0 || io.Offset + io.Length > content.Length)
        {
            throw new HostileFindingException($"The disk was asked for {io.Length} bytes at {io.Offset}.");
        }

        Span<byte> place = content.AsSpan((int)io.Offset, (int)io.Length);
        if (io.Operation is BlockOperation.Discard or BlockOperation.WriteZeroes)
        {
            place.Clear();
            return;
        }

        foreach (IoVector vector in io.Remaining)
        {
            check(vector.Address, vector.Length);
            if (io.Operation == BlockOperation.Read)
            {
                place[..vector.Length].CopyTo(vector.Span);
            }
            else
            {
                vector.Span.CopyTo(place);
            }

            place = place[vector.Length..];
        }
    }
}
