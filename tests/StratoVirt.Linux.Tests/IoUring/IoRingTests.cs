using StratoVirt.Linux.Abi;
using StratoVirt.Linux.Handles;
using StratoVirt.Linux.IoUring;
using StratoVirt.Linux.Storage;

namespace StratoVirt.Linux.Tests.IoUring;

public sealed class IoRingTests : IDisposable
{
    private const int Page = 4096;

    private readonly TemporaryDirectory _directory = new();
    private readonly MemoryMapping _memory = MemoryMapping.CreateAnonymous(16 * Page);
    private readonly FileDescriptor _file;

    public IoRingTests()
    {
        _file = FileDescriptor.Open(_directory["file"], OpenFlags.ReadWrite | OpenFlags.Create, 0x180);
        _file.SetLength(16 * Page);
    }

    public void Dispose()
    {
        _file.Dispose();
        _memory.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void WhatIsWrittenIsReadBack()
    {
        using IoRing ring = MakeRing(8);
        Piece(0).Span.Fill(0x5A);
        Assert.Equal(Page, Call(ring, FileCall.Write(Piece(0), Page, durable: true)));
        Assert.Equal(0, Call(ring, FileCall.SyncData()));
        Assert.Equal(Page, Call(ring, FileCall.Read(Piece(1), Page)));
        Assert.False(Piece(1).Span.ContainsAnyExcept((byte)0x5A));
    }

    /// <summary>A ring is a way past every filter of system calls, so it is closed to all but what is needed.</summary>
    [Fact]
    public void ARingCannotBeChangedAnyMore()
    {
        using IoRing ring = MakeRing(8);
        Span<byte> descriptor = stackalloc byte[sizeof(int)];
        foreach (int operation in (int[])[LibC.IORING_REGISTER_FILES, LibC.IORING_REGISTER_RESTRICTIONS, LibC.IORING_REGISTER_ENABLE_RINGS])
        {
            Assert.Equal(-1, LibC.io_uring_register(LibC.SYS_io_uring_register, ring.Completions.Number, operation, ref descriptor[0], 1));
            Assert.Equal(Errno.AccessDenied, LinuxException.LastErrno);
        }
    }

    [Fact]
    public void VectorsAreServedInOrder()
    {
        using IoRing ring = MakeRing(8);
        IoVector[] vectors = GC.AllocateArray<IoVector>(3, pinned: true);
        for (int i = 0; i < 3; i++)
        {
            vectors[i] = Piece(i).Slice(0, 512);
            vectors[i].Span.Fill((byte)(i + 1));
        }

        Assert.Equal(1024, Call(ring, FileCall.Write(vectors, 1, 2, 0, durable: false)));
        Assert.Equal(1024, Call(ring, FileCall.Read(Piece(4).Slice(0, 1024), 0)));
        Assert.Equal(2, Piece(4).Span[511]);
        Assert.Equal(3, Piece(4).Span[512]);
        Assert.Equal(1024, Call(ring, FileCall.Read(vectors, 0, 2, 0)));
        Assert.Equal(2, vectors[0].Span[0]);
    }

    [Fact]
    public void HolesReadAsZero()
    {
        using IoRing ring = MakeRing(8);
        Piece(0).Span.Fill(1);
        Call(ring, FileCall.Write(Piece(0), 0, durable: false));
        int result = Call(ring, FileCall.PunchHole(0, Page));
        Assert.SkipWhen(result == -(int)Errno.NotSupported, "the file system knows no holes");
        Assert.Equal(0, result);
        Assert.Equal(Page, Call(ring, FileCall.Read(Piece(0), 0)));
        Assert.False(Piece(0).Span.ContainsAnyExcept((byte)0));
    }

    [Fact]
    public void ErrorsAreNegativeNumbers()
    {
        using FileDescriptor readOnly = FileDescriptor.Open(_directory["file"], OpenFlags.ReadOnly);
        using IoRing ring = MakeRing(8, readOnly);
        Assert.Equal(-(int)Errno.BadDescriptor, Call(ring, FileCall.Write(Piece(0), 0, durable: false)));
    }

    [Fact]
    public void AFullRingTakesNoMoreUntilItWasEntered()
    {
        using IoRing ring = MakeRing(4);
        for (int i = 0; i < ring.Capacity; i++)
        {
            Assert.True(ring.TryPrepare(FileCall.Read(Piece(i), 0), (ulong)i));
        }

        Assert.False(ring.TryPrepare(FileCall.Read(Piece(0), 0), 99));
        Assert.Equal(Errno.None, ring.Enter(wait: false));
        Assert.Equal(0, ring.Prepared);
        var tokens = new HashSet<ulong>();
        while (tokens.Count < ring.Capacity)
        {
            Assert.Equal(Errno.None, ring.Enter(wait: true));
            while (ring.TryTake(out ulong token, out int result))
            {
                Assert.Equal(Page, result);
                Assert.True(tokens.Add(token));
            }
        }
    }

    [Fact]
    public void WhatWasNotHandedOverCanBeWithdrawn()
    {
        using IoRing ring = MakeRing(4);
        ring.TryPrepare(FileCall.Read(Piece(0), 0), 7);
        ring.TryPrepare(FileCall.Read(Piece(1), 0), 8);
        Assert.True(ring.TryWithdraw(out ulong token));
        Assert.Equal(8UL, token);
        Assert.Equal(Errno.None, ring.Enter(wait: true));
        Assert.True(ring.TryTake(out token, out _));
        Assert.Equal(7UL, token);
        Assert.False(ring.TryTake(out _, out _));
        Assert.False(ring.TryWithdraw(out _));
    }

    [Fact]
    public void ItsDescriptorIsReadableWhileThereAreCompletions()
    {
        using IoRing ring = MakeRing(4);
        using Epoll epoll = Epoll.Create();
        epoll.Add(ring.Completions, EpollEvents.In, 1);
        Span<EpollEvent> ready = stackalloc EpollEvent[1];
        Assert.Equal(0, epoll.Wait(ready, 0));
        ring.TryPrepare(FileCall.SyncData(), 1);
        ring.Enter(wait: false);
        Assert.Equal(1, epoll.Wait(ready, 30_000));
        Assert.True(ring.TryTake(out _, out _));
        Assert.Equal(0, epoll.Wait(ready, 0));
    }

    private IoRing MakeRing(int entries, FileDescriptor? file = null)
    {
        IoRing? ring = IoRing.TryCreate(file ?? _file, entries, out Errno errno);
        Assert.SkipWhen(ring is null, $"this host refuses io_uring: {errno}");
        return ring!;
    }

    private IoVector Piece(int number) => new(_memory.Address + (number * Page), Page);

    private static int Call(IoRing ring, FileCall call)
    {
        Assert.True(ring.TryPrepare(in call, 42));
        Assert.Equal(Errno.None, ring.Enter(wait: true));
        Assert.True(ring.TryTake(out ulong token, out int result));
        Assert.Equal(42UL, token);
        return result;
    }
}
