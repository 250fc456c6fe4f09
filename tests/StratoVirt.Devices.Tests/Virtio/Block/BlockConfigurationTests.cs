using StratoVirt.Backends.Block;
using StratoVirt.Devices.Virtio.Block;
using StratoVirt.Testing.Virtio;
using Xunit;

namespace StratoVirt.Devices.Tests.Virtio.Block;

public sealed class BlockConfigurationTests
{
    private const int WritebackOffset = 32;

    [Fact]
    public void TheSpaceSaysWhatTheDiskIs()
    {
        using var disk = new DiskUnderTest(configuration: new BlockConfiguration { Queues = 3, QueueSize = 64 });
        DeviceUnderTest<VirtioBlock> setup = disk.Setup;
        Assert.Equal(2048UL, setup.ReadConfiguration<ulong>(0));
        Assert.Equal(62u, setup.ReadConfiguration<uint>(12));
        Assert.Equal(512u, setup.ReadConfiguration<uint>(20));
        Assert.Equal(3, setup.ReadConfiguration<byte>(24));
        Assert.Equal(1, setup.ReadConfiguration<byte>(WritebackOffset));
        Assert.Equal(3, setup.ReadConfiguration<ushort>(34));
        Assert.Equal(16u, setup.ReadConfiguration<uint>(52));
        Assert.Equal(disk.Backend.CanUnmap ? 1 : 0, setup.ReadConfiguration<byte>(56));
        Assert.Equal(3, disk.Device.QueueSizes.Count);
        Assert.NotEqual(0UL, disk.Device.Features & BlockFeatures.MultipleQueues);
    }

    [Fact]
    public void EveryQueueIsServed()
    {
        using var disk = new DiskUnderTest(configuration: new BlockConfiguration { Queues = 4 });
        for (int queue = 3; queue >= 0; queue--)
        {
            DriverBuffer status = disk.Status();
            disk.Add(queue, disk.Header(DiskUnderTest.Read), disk.Memory.Writable(512), status);
            disk.Ring(queue);
            disk.Await(queue);
            Assert.Equal(DiskUnderTest.Ok, disk.Memory.Span(status)[0]);
            Assert.Equal(1, disk.Setup.Interrupts.Of(queue));
        }
    }

    [Fact]
    public void ADiskThatGrowsIsAnnounced()
    {
        using var disk = new DiskUnderTest();
        Assert.False(disk.Device.RefreshCapacity());
        Resize(disk, 2 << 20);
        Assert.Equal(DiskUnderTest.Error, disk.ReadSectors(2048, 512, out _));
        Assert.True(disk.Device.RefreshCapacity());
        Assert.Equal(1, disk.Setup.Interrupts.ConfigurationChanges);
        Assert.Equal(4096UL, disk.Setup.ReadConfiguration<ulong>(0));
        Assert.Equal(DiskUnderTest.Ok, disk.ReadSectors(4095, 512, out _));
    }

    [Theory]
    [InlineData(BlockEngine.IoUring)]
    [InlineData(BlockEngine.Threads)]
    public void AnImageThatWasCutIsAnErrorTheOperatorCanRead(BlockEngine engine)
    {
        using var disk = new DiskUnderTest(engine);
        Resize(disk, 512 << 10);
        int told = 0;
        disk.Device.HostFailed += () => Interlocked.Increment(ref told);
        Assert.Equal(DiskUnderTest.Error, disk.ReadSectors(2000, 4096, out _));
        Assert.Equal(1, Volatile.Read(ref told));
        BlockMetrics metrics = disk.Device.Metrics;
        Assert.Equal(1, metrics.Errors);
        Assert.Equal(BlockOperation.Read, metrics.LastError!.Value.Operation);
        Assert.Contains("shorter", metrics.LastError.Value.ToString());
        Assert.Equal(1024UL, disk.Setup.ReadConfiguration<ulong>(0));
        Assert.Equal(1, disk.Setup.Interrupts.ConfigurationChanges);
        Assert.Equal(DiskUnderTest.Ok, disk.ReadSectors(1023, 512, out _));
    }

    [Fact]
    public void TheDriverChoosesTheCache()
    {
        using var disk = new DiskUnderTest();
        disk.Setup.WriteConfiguration<byte>(WritebackOffset, 0);
        Assert.Equal(0, disk.Setup.ReadConfiguration<byte>(WritebackOffset));
        Assert.Equal(DiskUnderTest.Ok, disk.WriteSectors(0, new byte[512]));
        disk.Setup.WriteConfiguration<byte>(WritebackOffset, 2);
        disk.Setup.WriteConfiguration<ushort>(WritebackOffset, 1);
        disk.Setup.WriteConfiguration<ulong>(0, 1);
        Assert.Equal(0, disk.Setup.ReadConfiguration<byte>(WritebackOffset));
        Assert.Equal(2048UL, disk.Setup.ReadConfiguration<ulong>(0));
        disk.Device.Reset();
        Assert.Equal(1, disk.Setup.ReadConfiguration<byte>(WritebackOffset));
    }

    [Fact]
    public void WritesAreDurableUnlessTheDriverCanFlush()
    {
        var seen = new List<BlockIoOptions>();
        IBlockBackend Wrap(IBlockBackend backend) => new WatchedBackend(backend, io => seen.Add(io.Options));
        using (var disk = new DiskUnderTest(features: 0, wrap: Wrap))
        {
            disk.WriteSectors(0, new byte[512]);
            disk.ReadSectors(0, 512, out _);
        }

        using (var disk = new DiskUnderTest(features: BlockFeatures.Flush, wrap: Wrap))
        {
            disk.WriteSectors(0, new byte[512]);
        }

        using (var disk = new DiskUnderTest(features: BlockFeatures.ConfigurableCache, wrap: Wrap))
        {
            Assert.Equal(0, disk.Setup.ReadConfiguration<byte>(WritebackOffset));
            disk.WriteSectors(0, new byte[512]);
            disk.Setup.WriteConfiguration<byte>(WritebackOffset, 1);
            disk.WriteSectors(0, new byte[512]);
        }

        Assert.Equal(
            [BlockIoOptions.Durable, BlockIoOptions.None, BlockIoOptions.None, BlockIoOptions.Durable, BlockIoOptions.None],
            seen);
    }

    [Fact]
    public void ZeroesAreFlushedWhereNothingMayStayInACache()
    {
        var seen = new List<BlockOperation>();
        using var disk = new DiskUnderTest(features: 0, wrap: backend => new WatchedBackend(backend, io => seen.Add(io.Operation)));
        byte[] ranges = [.. new byte[8], 1, .. new byte[7], 9, .. new byte[7], 1, .. new byte[7]];
        Assert.Equal(DiskUnderTest.Ok, disk.Request(
            disk.Header(DiskUnderTest.WriteZeroes), disk.Memory.Readable(ranges), disk.Status()));
        Assert.Equal([BlockOperation.WriteZeroes, BlockOperation.WriteZeroes, BlockOperation.Flush], seen);
    }

    [Fact]
    public void StateIsKept()
    {
        using var first = new DiskUnderTest();
        first.Setup.WriteConfiguration<byte>(WritebackOffset, 0);
        first.Device.Pause();
        BlockState state = first.Device.Save();
        Assert.Equal(new BlockState { Writeback = false, Sectors = 2048 }, state);
        using var second = new DiskUnderTest(length: 2 << 20);
        second.Device.Reset();
        Assert.True(second.Device.Restore(state));
        second.Setup.Activate();
        Assert.Equal(0, second.Setup.ReadConfiguration<byte>(WritebackOffset));
        Assert.Throws<DeviceStateException>(() => second.Device.Restore(state with { Version = 2 }));
    }

    [Fact]
    public void ConfigurationsAreChecked()
    {
        BlockConfiguration[] bad =
        [
            new() { Queues = 0 }, new() { Queues = 33 }, new() { QueueSize = 2 }, new() { QueueSize = 100 },
            new() { QueueSize = 2048 }, new() { Serial = new string('x', 21) }, new() { Serial = "ä" },
        ];
        Assert.All(bad, configuration => Assert.ThrowsAny<ArgumentException>(() => new DiskUnderTest(configuration: configuration)));
    }

    private static void Resize(DiskUnderTest disk, int length)
    {
        using FileStream file = File.Open(disk.Path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        file.SetLength(length);
    }
}
