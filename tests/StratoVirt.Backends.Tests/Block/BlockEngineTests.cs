using StratoVirt.Backends.Block;
using StratoVirt.Linux;
using StratoVirt.Linux.Storage;
using StratoVirt.Memory;
using StratoVirt.Testing;
using Xunit;

namespace StratoVirt.Backends.Tests.Block;

public sealed class BlockEngineTests
{
    public static TheoryData<BlockEngine> Engines => [BlockEngine.IoUring, BlockEngine.Threads];

    [Theory]
    [MemberData(nameof(Engines))]
    public void WhatIsWrittenIsInTheFileAndReadBack(BlockEngine engine)
    {
        using var image = new ImageUnderTest(engine);
        GuestBuffer first = image.Memory(512);
        GuestBuffer second = image.Memory(1024);
        first.Span.Fill(1);
        second.Span.Fill(2);
        Assert.Equal(Errno.None, image.Write(4096, first, second));
        Assert.Equal(Errno.None, image.Run(BlockOperation.Flush, 0));
        byte[] content = image.Content();
        Assert.False(content.AsSpan(4096, 512).ContainsAnyExcept((byte)1));
        Assert.False(content.AsSpan(4608, 1024).ContainsAnyExcept((byte)2));
        GuestBuffer back = image.Memory(1536);
        Assert.Equal(Errno.None, image.Read(4096, back));
        Assert.True(back.Span.SequenceEqual(content.AsSpan(4096, 1536)));
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void ARequestOfMorePiecesThanTheKernelTakesIsDoneInParts(BlockEngine engine)
    {
        using var image = new ImageUnderTest(engine, 2 << 20);
        GuestBuffer all = image.Memory(512 * 2500);
        new Random(1).NextBytes(all.Span);
        GuestBuffer[] pieces = [.. Enumerable.Range(0, 2500).Select(i => all.Slice(i * 512, 512))];
        Assert.True(pieces.Length > 2 * FileCall.MaxVectors);
        Assert.Equal(Errno.None, image.Write(512, pieces));
        Assert.True(image.Content().AsSpan(512, all.Length).SequenceEqual(all.Span));
        byte[] written = all.Span.ToArray();
        all.Span.Clear();
        Assert.Equal(Errno.None, image.Read(512, pieces));
        Assert.True(all.Span.SequenceEqual(written));
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void MoreRequestsThanTheRingHoldsAreAllDoneOnce(BlockEngine engine)
    {
        const int Count = 1000;
        using var image = new ImageUnderTest(engine, Count * 512);
        var done = new HashSet<int>();
        GuestBuffer memory = image.Memory(Count * 512);
        for (int i = 0; i < Count; i++)
        {
            memory.Slice(i * 512, 512).Span.Fill((byte)i);
            var io = new BlockIo(i);
            io.Begin(BlockOperation.Write, i * 512);
            io.Add(memory.Slice(i * 512, 512));
            image.Backend.Submit(io);
        }

        Assert.Equal(Count, image.Backend.InFlight);
        image.Backend.Commit();
        while (image.Backend.InFlight > 0)
        {
            image.Backend.Wait();
            while (image.Backend.TryCollect(out BlockIo? io))
            {
                Assert.Equal(Errno.None, io.Result);
                Assert.True(done.Add((int)io.Owner));
            }
        }

        Assert.Equal(Count, done.Count);
        Assert.True(image.Content().AsSpan().SequenceEqual(memory.Span));
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void ZeroesAreWrittenAndHolesAreMade(BlockEngine engine)
    {
        using var image = new ImageUnderTest(engine);
        GuestBuffer ones = image.Memory(64 << 10);
        ones.Span.Fill(0xFF);
        image.Write(0, ones);
        Assert.Equal(Errno.None, image.Run(BlockOperation.WriteZeroes, 512, 1024));
        Assert.Equal(Errno.None, image.Run(BlockOperation.WriteZeroes, 8192, 4096, BlockIoOptions.MayUnmap));
        Assert.Equal(Errno.None, image.Run(BlockOperation.Discard, 16384, 4096));
        byte[] content = image.Content();
        Assert.Equal(1 << 20, content.Length);
        Assert.Equal(0xFF, content[511]);
        Assert.False(content.AsSpan(512, 1024).ContainsAnyExcept((byte)0));
        Assert.Equal(0xFF, content[1536]);
        Assert.False(content.AsSpan(8192, 4096).ContainsAnyExcept((byte)0));
        Assert.Equal(0xFF, content[12288]);
        if (image.Backend.CanUnmap)
        {
            Assert.False(content.AsSpan(16384, 4096).ContainsAnyExcept((byte)0));
        }
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void AFileThatWasCutGivesAnError(BlockEngine engine)
    {
        using var image = new ImageUnderTest(engine);
        using (FileStream file = File.Open(image.Path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite))
        {
            file.SetLength(4096 + 100);
        }

        GuestBuffer memory = image.Memory(1024);
        var io = new BlockIo(this);
        io.Begin(BlockOperation.Read, 4096);
        io.Add(memory);
        Assert.Equal(BlockIo.EndOfImage, image.Run(io));
        Assert.Contains("shorter", io.Describe().ToString());
        Assert.True(image.Backend.RefreshLength());
        Assert.Equal(4096, image.Backend.Length);
        Assert.False(image.Backend.RefreshLength());
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void AFullDiskIsAnErrorAndNoMore(BlockEngine engine)
    {
        // A memory file that must not grow stands in for a disk with no room.
        using var full = Linux.Handles.MemFd.Create("full", 8192);
        string path = $"/proc/self/fd/{full.Number}";
        IBlockBackend? opened = TryOpen(path, engine);
        Assert.SkipWhen(opened is null, "no io_uring, or no locks on memory files");
        using IBlockBackend backend = opened!;
        using var image = new ImageUnderTest(BlockEngine.Threads);
        GuestBuffer memory = image.Memory(4096);
        var io = new BlockIo(this);
        io.Begin(BlockOperation.Write, 16384);
        io.Add(memory);
        Errno error = RunOn(backend, io);
        Assert.Equal(Errno.NotPermitted, error);
        io.Begin(BlockOperation.Write, 0);
        io.Add(memory);
        Assert.Equal(Errno.None, RunOn(backend, io));
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void DirectIoBouncesWhatIsNotAligned(BlockEngine engine)
    {
        using ImageUnderTest image = MakeDirect(engine);
        int block = image.Backend.LogicalBlock;
        GuestBuffer aligned = image.Memory(8192);
        new Random(2).NextBytes(aligned.Span);
        Assert.Equal(Errno.None, image.Write(8192, aligned));

        // Larger than a bounce buffer, and in odd pieces.
        GuestBuffer skewed = image.Memory(600 << 10, skew: 3);
        new Random(3).NextBytes(skewed.Span);
        GuestBuffer[] pieces = [skewed.Slice(0, 1), skewed.Slice(1, 5000), skewed.Slice(5001, skewed.Length - 5001)];
        Assert.Equal(Errno.None, image.Write(32768 + block, pieces));
        byte[] content = image.Content();
        Assert.True(content.AsSpan(8192, 8192).SequenceEqual(aligned.Span));
        Assert.True(content.AsSpan(32768 + block, skewed.Length).SequenceEqual(skewed.Span));
        byte[] written = skewed.Span.ToArray();
        skewed.Span.Clear();
        Assert.Equal(Errno.None, image.Read(32768 + block, pieces));
        Assert.True(skewed.Span.SequenceEqual(written));
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void MoreUnalignedRequestsThanBouncesWaitTheirTurn(BlockEngine engine)
    {
        using ImageUnderTest image = MakeDirect(engine);
        GuestBuffer memory = image.Memory((100 * 4096) + 1);
        new Random(4).NextBytes(memory.Span);
        for (int i = 0; i < 100; i++)
        {
            var io = new BlockIo(this);
            io.Begin(BlockOperation.Write, i * 4096);
            io.Add(memory.Slice(1 + (i * 4096), 4096));
            image.Backend.Submit(io);
        }

        image.Backend.Commit();
        int done = 0;
        while (image.Backend.InFlight > 0)
        {
            image.Backend.Wait();
            while (image.Backend.TryCollect(out BlockIo? io))
            {
                Assert.Equal(Errno.None, io.Result);
                done++;
            }
        }

        Assert.Equal(100, done);
        Assert.True(image.Content().AsSpan(0, 100 * 4096).SequenceEqual(memory.Span[1..]));
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void ARequestAllocatesNothing(BlockEngine engine)
    {
        using var image = new ImageUnderTest(engine);
        GuestBuffer memory = image.Memory(4096);
        var read = new BlockIo(this);
        var write = new BlockIo(this);
        var flush = new BlockIo(this);
        Assert.Equal(0, Allocations.Of(() =>
        {
            write.Begin(BlockOperation.Write, 4096);
            write.Add(memory.Slice(0, 512));
            write.Add(memory.Slice(512, 512));
            read.Begin(BlockOperation.Read, 8192);
            read.Add(memory);
            flush.Begin(BlockOperation.Discard, 16384, 0);
            image.Backend.Submit(write);
            image.Backend.Submit(read);
            image.Backend.Submit(flush);
            image.Backend.Commit();
            while (image.Backend.InFlight > 0)
            {
                image.Backend.Wait();
                while (image.Backend.TryCollect(out _))
                {
                }
            }
        }));
    }

    private static ImageUnderTest MakeDirect(BlockEngine engine)
    {
        try
        {
            return new ImageUnderTest(engine, change: options => options with { Direct = true });
        }
        catch (BlockImageException refused) when (refused.Message.Contains("direct I/O"))
        {
            Assert.Skip(refused.Message);
            throw;
        }
    }

    private static IBlockBackend? TryOpen(string path, BlockEngine engine)
    {
        try
        {
            return BlockImage.Open(new BlockImageOptions { Path = path, Engine = engine });
        }
        catch (BlockImageException)
        {
            return null;
        }
    }

    private static Errno RunOn(IBlockBackend backend, BlockIo io)
    {
        backend.Submit(io);
        backend.Commit();
        BlockIo? done;
        while (!backend.TryCollect(out done))
        {
            backend.Wait();
        }

        return done.Result;
    }
}
