using System.Diagnostics.CodeAnalysis;
using StratoVirt.Backends.Block;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Devices.Tests.Virtio.Block;

/// <summary>A backend that shows what is submitted, and can hold it back.</summary>
internal sealed class WatchedBackend(IBlockBackend backend, Action<BlockIo>? onSubmit = null) : IBlockBackend
{
    private readonly List<BlockIo> _held = [];

    /// <summary>Whether requests wait here until somebody waits for them.</summary>
    internal bool Holds { get; set; }

    internal int Commits { get; private set; }

    internal List<int> InFlightAtCommits { get; } = [];

    internal int Submits { get; private set; }

    public string Name => backend.Name;

    public long Length => backend.Length;

    public int LogicalBlock => backend.LogicalBlock;

    public int PhysicalBlock => backend.PhysicalBlock;

    public bool IsReadOnly => backend.IsReadOnly;

    public bool CanUnmap => backend.CanUnmap;

    public int InFlight => backend.InFlight + _held.Count;

    public FileDescriptor Completions => backend.Completions;

    public void Submit(BlockIo io)
    {
        Submits++;
        onSubmit?.Invoke(io);
        if (Holds)
        {
            _held.Add(io);
        }
        else
        {
            backend.Submit(io);
        }
    }

    public void Commit()
    {
        Commits++;
        InFlightAtCommits.Add(InFlight);
        backend.Commit();
    }

    public bool TryCollect([NotNullWhen(true)] out BlockIo? io) => backend.TryCollect(out io);

    public void Wait()
    {
        _held.ForEach(backend.Submit);
        _held.Clear();
        backend.Commit();
        backend.Wait();
    }

    public void Grow(long length) => backend.Grow(length);

    public bool RefreshLength() => backend.RefreshLength();

    public void Dispose() => backend.Dispose();
}
