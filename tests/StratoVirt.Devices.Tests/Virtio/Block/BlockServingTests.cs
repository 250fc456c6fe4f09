using StratoVirt.Backends.Block;
using StratoVirt.Backends.Limits;
using StratoVirt.Devices.Virtio.Block;
using StratoVirt.Devices.Virtio.Queue;
using StratoVirt.Testing;
using StratoVirt.Testing.Virtio;
using Xunit;

namespace StratoVirt.Devices.Tests.Virtio.Block;

public sealed class BlockServingTests
{
    private readonly ManualTimeProvider _time = new(DateTimeOffset.UnixEpoch);

    [Theory]
    [InlineData(BlockEngine.IoUring)]
    [InlineData(BlockEngine.Threads)]
    public void NeighboursAreDoneTogetherAndEachIsAnswered(BlockEngine engine)
    {
        WatchedBackend watched = null!;
        using var disk = new DiskUnderTest(engine, listens: false, wrap: backend => watched = new WatchedBackend(backend));
        byte[] before = disk.Content;
        DriverBuffer[] data = [.. Enumerable.Range(0, 6).Select(_ => disk.Memory.Writable(512))];
        DriverBuffer[] status = [.. data.Select(_ => disk.Status())];

        // Three in a row, one elsewhere, two in a row.
        ulong[] sectors = [4, 5, 6, 100, 200, 201];
        for (int i = 0; i < sectors.Length; i++)
        {
            disk.Add(0, disk.Header(DiskUnderTest.Read, sectors[i]), data[i], status[i]);
        }

        disk.Ring(0);
        for (int i = 0; i < sectors.Length; i++)
        {
            disk.Await(0);
        }

        for (int i = 0; i < sectors.Length; i++)
        {
            Assert.Equal(DiskUnderTest.Ok, disk.Memory.Span(status[i])[0]);
            Assert.True(disk.Memory.Span(data[i]).SequenceEqual(before.AsSpan((int)sectors[i] * 512, 512)));
        }

        Assert.Equal(3, watched.Submits);
        Assert.Equal(3, disk.Device.Metrics.Merged);
        Assert.Equal(6, disk.Device.Metrics.Reads);
    }

    [Fact]
    public void OfNeighboursOnlyThoseThatFailFail()
    {
        using var disk = new DiskUnderTest(listens: false);
        using (FileStream file = File.Open(disk.Path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite))
        {
            file.SetLength(1024);
        }

        DriverBuffer[] status = [.. Enumerable.Range(0, 4).Select(_ => disk.Status())];
        for (int i = 0; i < status.Length; i++)
        {
            disk.Add(0, disk.Header(DiskUnderTest.Read, (ulong)i), disk.Memory.Writable(512), status[i]);
        }

        disk.Ring(0);
        Array.ForEach(status, _ => disk.Await(0));
        Assert.Equal(
            [DiskUnderTest.Ok, DiskUnderTest.Ok, DiskUnderTest.Error, DiskUnderTest.Error],
            status.Select(buffer => disk.Memory.Span(buffer)[0]));
        Assert.Equal(2, disk.Device.Metrics.Errors);
    }

    [Fact]
    public void WritesOfDifferentDirectionOrPlaceAreNotJoined()
    {
        using var disk = new DiskUnderTest(listens: false);
        disk.Add(0, disk.Header(DiskUnderTest.Write, 0), disk.Memory.Readable(new byte[512]), disk.Status());
        disk.Add(0, disk.Header(DiskUnderTest.Read, 1), disk.Memory.Writable(512), disk.Status());
        disk.Add(0, disk.Header(DiskUnderTest.Flush), disk.Status());
        disk.Add(0, disk.Header(DiskUnderTest.Read, 2), disk.Memory.Writable(512), disk.Status());
        disk.Ring(0);
        for (int i = 0; i < 4; i++)
        {
            disk.Await(0);
        }

        Assert.Equal(0, disk.Device.Metrics.Merged);
    }

    [Fact]
    public void ManyRequestsAreOneSystemCallAndOneInterrupt()
    {
        WatchedBackend watched = null!;
        using var disk = new DiskUnderTest(listens: false, wrap: backend => watched = new WatchedBackend(backend));
        disk.ReadSectors(0, 64 << 10, out _);
        disk.Setup.Interrupts.Clear();
        int commits = watched.Commits;
        for (int i = 0; i < 32; i++)
        {
            disk.Add(0, disk.Header(DiskUnderTest.Read, (ulong)(i * 3)), disk.Memory.Writable(512), disk.Status());
        }

        disk.Ring(0);
        for (int i = 0; i < 32; i++)
        {
            disk.Await(0);
        }

        Assert.Equal(33, watched.Submits);
        Assert.True(watched.Commits - commits <= 6, $"{watched.Commits - commits} commits");
        Assert.InRange(disk.Setup.Interrupts.Of(0), 1, 4);
    }

    [Fact]
    public void AHostWithNothingToDoDoesNotWaitUntilAllRequestsAreRead()
    {
        WatchedBackend watched = null!;
        using var disk = new DiskUnderTest(listens: false, wrap: backend => watched = new WatchedBackend(backend) { Holds = true });
        watched.InFlightAtCommits.Clear();
        for (int i = 0; i < 32; i++)
        {
            disk.Add(0, disk.Header(DiskUnderTest.Read, (ulong)(i * 3)), disk.Memory.Writable(512), disk.Status());
        }

        disk.Ring(0);
        Assert.Equal([1, 2, 4, 8, 16, 32], watched.InFlightAtCommits.Where(count => count > 0).Distinct());
        watched.Holds = false;
    }

    [Fact]
    public void NeighboursAreJoinedForAHostWithNothingToDoToo()
    {
        WatchedBackend watched = null!;
        using var disk = new DiskUnderTest(listens: false, wrap: backend => watched = new WatchedBackend(backend) { Holds = true });
        for (int i = 0; i < 32; i++)
        {
            disk.Add(0, disk.Header(DiskUnderTest.Read, (ulong)i), disk.Memory.Writable(512), disk.Status());
        }

        disk.Ring(0);
        Assert.Equal((1, 31), (watched.Submits, (int)disk.Device.Metrics.Merged));
        watched.Holds = false;
    }

    [Theory]
    [InlineData(VirtqueueOptions.None)]
    [InlineData(VirtqueueOptions.Packed)]
    public void ALimitDelaysInOrder(VirtqueueOptions options)
    {
        var limiter = new RateLimiter(operations: new TokenRate(2), time: _time);
        var group = new RateLimiter(bytes: new TokenRate(1024), time: _time);
        using var disk = new DiskUnderTest(limiter: limiter, group: group, listens: false, options: options);
        var order = new List<ushort>();
        ushort[] ids =
        [
            .. Enumerable.Range(0, 5).Select(i => disk.Add(
                0, disk.Header(DiskUnderTest.Read, (ulong)i * 2), disk.Memory.Writable(512), disk.Status())),
        ];
        disk.Ring(0);
        order.Add(disk.Await(0).Id);
        order.Add(disk.Await(0).Id);
        disk.Setup.Serve(0);
        Assert.False(disk.Setup.Queues[0].TryCollect(out _));
        Assert.Equal(1, disk.Device.Metrics.Delayed);
        Assert.Equal(0, disk.Setup.DeviceQueues[0]!.InFlight);

        _time.Advance(TimeSpan.FromSeconds(1));
        disk.Setup.Serve(0);
        order.Add(disk.Await(0).Id);
        order.Add(disk.Await(0).Id);
        _time.Advance(TimeSpan.FromSeconds(1));
        disk.Setup.Serve(0);
        order.Add(disk.Await(0).Id);
        Assert.Equal(ids, order);
        Assert.Equal(2, disk.Device.Metrics.Delayed);
    }

    [Fact]
    public void ADelayedRequestGoesOnByItself()
    {
        using var disk = new DiskUnderTest(limiter: new RateLimiter(operations: new TokenRate(20)));
        for (int i = 0; i < 22; i++)
        {
            disk.Add(0, disk.Header(DiskUnderTest.Read, (ulong)i * 2), disk.Memory.Writable(512), disk.Status());
        }

        disk.Ring(0);
        for (int i = 0; i < 22; i++)
        {
            disk.Await(0);
        }

        Assert.True(disk.Device.Metrics.Delayed >= 1);
    }

    [Fact]
    public void AResetWaitsForWhatIsInFlight()
    {
        WatchedBackend watched = null!;
        using var disk = new DiskUnderTest(wrap: backend => watched = new WatchedBackend(backend) { Holds = true });
        byte[] data = new byte[512];
        data.AsSpan().Fill(0x11);
        disk.Add(0, disk.Header(DiskUnderTest.Write, 3), disk.Memory.Readable(data), disk.Status());
        disk.Ring(0);
        Assert.Equal(1, watched.InFlight);
        disk.Device.Reset();
        Assert.Equal(0, watched.InFlight);
        Assert.Equal(data, disk.Content[1536..2048]);
        watched.Holds = false;
        disk.Setup.Activate();
        Assert.Equal(DiskUnderTest.Ok, disk.ReadSectors(3, 512, out byte[] back));
        Assert.Equal(data, back);
    }

    [Theory]
    [InlineData(BlockEngine.IoUring)]
    [InlineData(BlockEngine.Threads)]
    public void APauseCompletesWhatIsInFlightAndResumeGoesOn(BlockEngine engine)
    {
        using var disk = new DiskUnderTest(engine, change: image => image with { Direct = true });
        int block = disk.Backend.LogicalBlock;
        DriverBuffer memory = DriverBuffer.Writable(disk.Memory.Allocate(block, 4096), (uint)block);
        for (int round = 0; round < 20; round++)
        {
            for (int i = 0; i < 16; i++)
            {
                disk.Add(0, disk.Header(DiskUnderTest.Read, (ulong)(i * 2 * (block / 512))), memory, disk.Status());
            }

            disk.Setup.Notify(0);
            disk.Device.Pause();
            Assert.Equal(0, disk.Backend.InFlight);
            Assert.Equal(0, disk.Setup.DeviceQueues[0]!.InFlight);
            disk.Device.Resume();
            for (int i = 0; i < 16; i++)
            {
                disk.Await(0);
            }
        }

        Assert.Equal(320, disk.Device.Metrics.Reads);
    }

    [Fact]
    public void OneQueueIsResetWhileTheOthersGoOn()
    {
        using var disk = new DiskUnderTest(configuration: new BlockConfiguration { Queues = 2 });
        disk.Device.ReplaceQueue(1, null);
        Assert.Equal(DiskUnderTest.Ok, disk.ReadSectors(0, 512, out _));
    }

    [Theory]
    [InlineData(BlockEngine.IoUring, VirtqueueOptions.None)]
    [InlineData(BlockEngine.IoUring, VirtqueueOptions.Packed)]
    [InlineData(BlockEngine.Threads, VirtqueueOptions.None)]
    public void ARoundAllocatesNothing(BlockEngine engine, VirtqueueOptions options)
    {
        using var disk = new DiskUnderTest(engine, listens: false, options: options);
        DriverBuffer[] read = [disk.Header(DiskUnderTest.Read, 8), disk.Memory.Writable(4096), disk.Status()];
        DriverBuffer[] next = [disk.Header(DiskUnderTest.Read, 16), disk.Memory.Writable(4096), disk.Status()];
        DriverBuffer[] write = [disk.Header(DiskUnderTest.Write, 64), disk.Memory.Readable(new byte[512]), disk.Status()];
        DriverBuffer[] bad = [disk.Header(77), disk.Status()];
        long allocated = disk.Setup.OnThread(() => Allocations.Of(() =>
        {
            DriverQueue queue = disk.Setup.Queues[0];
            queue.Add(read);
            queue.Add(next);
            queue.Add(write);
            queue.Add(bad);
            queue.Kick();
            disk.Device.Serve(0);
            for (int done = 0; done < 4;)
            {
                if (queue.TryCollect(out _))
                {
                    done++;
                }
                else
                {
                    // The completion handler waits behind this one on the thread: serving collects too.
                    disk.Device.Serve(0);
                }
            }
        }));
        Assert.Equal(0, allocated);
    }
}
