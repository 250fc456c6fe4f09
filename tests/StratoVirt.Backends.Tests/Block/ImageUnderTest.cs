using StratoVirt.Backends.Block;
using StratoVirt.Linux;
using StratoVirt.Memory;
using StratoVirt.Testing.Virtio;
using Xunit;

namespace StratoVirt.Backends.Tests.Block;

/// <summary>An image in a directory of its own, its backend, and guest memory to move data through.</summary>
internal sealed class ImageUnderTest : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly TestGuestMemory _memory = new();

    internal ImageUnderTest(BlockEngine engine, int length = 1 << 20, Func<BlockImageOptions, BlockImageOptions>? change = null)
    {
        Path = _directory["disk.img"];
        using (FileStream file = File.Create(Path))
        {
            file.SetLength(length);
        }

        var options = new BlockImageOptions { Path = Path, Engine = engine };
        try
        {
            Backend = BlockImage.Open(change?.Invoke(options) ?? options);
        }
        catch (BlockImageException refused) when (engine == BlockEngine.IoUring && refused.Message.Contains("io_uring"))
        {
            Dispose();
            Assert.Skip(refused.Message);
        }
    }

    internal string Path { get; }

    internal IBlockBackend Backend { get; } = null!;

    /// <summary>Zeroed guest memory, <paramref name="skew"/> bytes behind a page's start.</summary>
    internal GuestBuffer Memory(int length, int skew = 0)
    {
        GuestAddress address = _memory.Allocate(length + skew, 4096) + (ulong)skew;
        Assert.True(_memory.Memory.TryGetBuffer(address, (uint)length, out GuestBuffer buffer));
        return buffer;
    }

    internal Errno Run(BlockIo io)
    {
        Backend.Submit(io);
        Backend.Commit();
        BlockIo? done;
        while (!Backend.TryCollect(out done))
        {
            Backend.Wait();
        }

        Assert.Same(io, done);
        return done.Result;
    }

    internal Errno Run(
        BlockOperation operation, long offset, long length = 0, BlockIoOptions options = BlockIoOptions.None, params GuestBuffer[] buffers)
    {
        var io = new BlockIo(this);
        io.Begin(operation, offset, length, options);
        foreach (GuestBuffer buffer in buffers)
        {
            io.Add(buffer);
        }

        return Run(io);
    }

    internal Errno Read(long offset, params GuestBuffer[] buffers) =>
        Run(BlockOperation.Read, offset, buffers: buffers);

    internal Errno Write(long offset, params GuestBuffer[] buffers) =>
        Run(BlockOperation.Write, offset, buffers: buffers);

    internal byte[] Content() => File.ReadAllBytes(Path);

    public void Dispose()
    {
        Backend?.Dispose();
        Assert.Null(_memory.FirstDamage);
        _memory.Dispose();
        _directory.Dispose();
    }
}
