using System.Text;
using StratoVirt.Backends.Block;
using StratoVirt.Devices.Virtio.Block;
using StratoVirt.Devices.Virtio.Queue;
using StratoVirt.Testing.Virtio;
using Xunit;

namespace StratoVirt.Devices.Tests.Virtio.Block;

public sealed class VirtioBlockTests
{
    public static TheoryData<BlockEngine, VirtqueueOptions> Ways => new MatrixTheoryData<BlockEngine, VirtqueueOptions>(
        [BlockEngine.IoUring, BlockEngine.Threads],
        [VirtqueueOptions.None, VirtqueueOptions.Indirect | VirtqueueOptions.EventIndex, VirtqueueOptions.Packed]);

    [Theory]
    [MemberData(nameof(Ways))]
    public void ReadsAndWritesReachTheImage(BlockEngine engine, VirtqueueOptions options)
    {
        using var disk = new DiskUnderTest(engine, options: options);
        byte[] before = disk.Content;
        DriverBuffer first = disk.Memory.Writable(512);
        DriverBuffer second = disk.Memory.Writable(1024);
        Assert.Equal(DiskUnderTest.Ok, disk.Request(
            out uint written, disk.Header(DiskUnderTest.Read, 8), first, second, disk.Status()));
        Assert.Equal(1537u, written);
        Assert.True(disk.Memory.Span(first).SequenceEqual(before.AsSpan(4096, 512)));
        Assert.True(disk.Memory.Span(second).SequenceEqual(before.AsSpan(4608, 1024)));

        byte[] data = new byte[8192];
        new Random(9).NextBytes(data);
        Assert.Equal(DiskUnderTest.Ok, disk.Request(
            out written, disk.Header(DiskUnderTest.Write, 16), disk.Memory.Readable(data), disk.Status()));
        Assert.Equal(1u, written);
        Assert.Equal(DiskUnderTest.Ok, disk.Request(disk.Header(DiskUnderTest.Flush), disk.Status()));
        data.CopyTo(before, 8192);
        Assert.Equal(before, disk.Content);
        BlockMetrics metrics = disk.Device.Metrics;
        Assert.Equal((1, 1, 1536, 8192, 1, 0), (
            metrics.Reads, metrics.Writes, metrics.BytesRead, metrics.BytesWritten, metrics.Flushes, metrics.Errors));
        Assert.True(disk.Setup.Interrupts.Of(0) >= 1);
    }

    [Fact]
    public void HeaderDataAndStatusMayBeCutAnywhere()
    {
        using var disk = new DiskUnderTest();
        byte[] before = disk.Content;
        DriverBuffer header = disk.Header(DiskUnderTest.Read, 1);
        DriverBuffer data = disk.Memory.Writable(513);
        Assert.Equal(DiskUnderTest.Ok, disk.Request(
            DriverBuffer.Readable(header.Address, 5), DriverBuffer.Readable(header.Address + 5, 11), data));
        Assert.True(disk.Memory.Span(data)[..512].SequenceEqual(before.AsSpan(512, 512)));

        byte[] request = new byte[16 + 512];
        request[0] = (byte)DiskUnderTest.Write;
        request.AsSpan(16).Fill(0x77);
        Assert.Equal(DiskUnderTest.Ok, disk.Request(disk.Memory.Readable(request), disk.Status()));
        Assert.False(disk.Content.AsSpan(0, 512).ContainsAnyExcept((byte)0x77));
    }

    [Fact]
    public void TheSerialNumberIsPaddedWithZeroes()
    {
        using var disk = new DiskUnderTest(configuration: new BlockConfiguration { Serial = "root-disk" });
        DriverBuffer data = disk.Memory.Writable(20);
        disk.Memory.Span(data).Fill(1);
        Assert.Equal(DiskUnderTest.Ok, disk.Request(out uint written, disk.Header(DiskUnderTest.Identity), data, disk.Status()));
        Assert.Equal(21u, written);
        Assert.Equal("root-disk".PadRight(20, '\0'), Encoding.ASCII.GetString(disk.Memory.Span(data)));
        DriverBuffer small = disk.Memory.Writable(4);
        Assert.Equal(DiskUnderTest.Ok, disk.Request(disk.Header(DiskUnderTest.Identity), small, disk.Status()));
        Assert.Equal("root", Encoding.ASCII.GetString(disk.Memory.Span(small)));
    }

    [Theory]
    [InlineData(BlockEngine.IoUring)]
    [InlineData(BlockEngine.Threads)]
    public void RangesAreZeroedAndDiscarded(BlockEngine engine)
    {
        using var disk = new DiskUnderTest(engine);
        byte[] expected = disk.Content;
        DriverBuffer ranges = disk.Memory.Readable(Bytes(new(2, 1, 0), new(16, 8, 1)));
        Assert.Equal(DiskUnderTest.Ok, disk.Request(disk.Header(DiskUnderTest.WriteZeroes), ranges, disk.Status()));
        expected.AsSpan(1024, 512).Clear();
        expected.AsSpan(8192, 4096).Clear();
        Assert.Equal(expected, disk.Content);
        Assert.SkipUnless(disk.Backend.CanUnmap, "the file system knows no holes");
        ranges = disk.Memory.Readable(Bytes(new(32, 8, 0), new(48, 8, 0), new(0, 0, 0)));
        Assert.Equal(DiskUnderTest.Ok, disk.Request(disk.Header(DiskUnderTest.Discard), ranges, disk.Status()));
        expected.AsSpan(16384, 4096).Clear();
        expected.AsSpan(24576, 4096).Clear();
        Assert.Equal(expected, disk.Content);
        Assert.Equal(2, disk.Device.Metrics.Unmaps);
    }

    [Fact]
    public void FlagsTheDeviceDoesNotKnowAreUnsupported()
    {
        using var disk = new DiskUnderTest();
        Assert.SkipUnless(disk.Backend.CanUnmap, "the file system knows no holes");
        byte[] before = disk.Content;
        Assert.Equal(DiskUnderTest.Unsupported, disk.Request(
            disk.Header(DiskUnderTest.Discard), disk.Memory.Readable(Bytes(new(0, 1, 0), new(0, 1, 1))), disk.Status()));
        Assert.Equal(DiskUnderTest.Unsupported, disk.Request(
            disk.Header(DiskUnderTest.WriteZeroes), disk.Memory.Readable(Bytes(new DiskUnderTest.Range(0, 1, 2))), disk.Status()));
        Assert.Equal(DiskUnderTest.Unsupported, disk.Request(disk.Header(99), disk.Status()));
        Assert.Equal(before, disk.Content);
        Assert.Equal(3, disk.Device.Metrics.Errors);
    }

    [Fact]
    public void WithoutUnmapThereIsNoDiscard()
    {
        using var disk = new DiskUnderTest(change: image => image with { Unmap = false });
        Assert.Equal(0UL, disk.Device.Features & BlockFeatures.Discard);
        Assert.Equal(DiskUnderTest.Unsupported, disk.Request(
            disk.Header(DiskUnderTest.Discard), disk.Memory.Readable(Bytes(new DiskUnderTest.Range(0, 8, 0))), disk.Status()));
        Assert.Equal(DiskUnderTest.Ok, disk.Request(
            disk.Header(DiskUnderTest.WriteZeroes), disk.Memory.Readable(Bytes(new DiskUnderTest.Range(0, 8, 1))), disk.Status()));
        Assert.False(disk.Content.AsSpan(0, 4096).ContainsAnyExcept((byte)0));
    }

    [Fact]
    public void AReadOnlyDiskIsNotWritten()
    {
        using var disk = new DiskUnderTest(change: image => image with { ReadOnly = true });
        byte[] before = disk.Content;
        Assert.Equal(BlockFeatures.ReadOnly, disk.Device.Features & (BlockFeatures.ReadOnly | BlockFeatures.WriteZeroes));
        Assert.Equal(DiskUnderTest.Error, disk.WriteSectors(0, new byte[512]));
        Assert.Equal(DiskUnderTest.Error, disk.Request(
            disk.Header(DiskUnderTest.WriteZeroes), disk.Memory.Readable(Bytes(new DiskUnderTest.Range(0, 8, 1))), disk.Status()));
        Assert.Equal(DiskUnderTest.Ok, disk.Request(disk.Header(DiskUnderTest.Flush), disk.Status()));
        Assert.Equal(DiskUnderTest.Ok, disk.ReadSectors(0, 512, out _));
        Assert.Equal(before, disk.Content);
    }

    [Theory]
    [InlineData(2048, 512)]
    [InlineData(2047, 1024)]
    [InlineData(0, 511)]
    [InlineData(ulong.MaxValue, 512)]
    [InlineData(1UL << 55, 512)]
    public void WhatLiesOutsideTheDiskIsAnError(ulong sector, int length)
    {
        using var disk = new DiskUnderTest();
        byte[] before = disk.Content;
        Assert.Equal(DiskUnderTest.Error, disk.ReadSectors(sector, length, out byte[] data));
        Assert.False(data.AsSpan().ContainsAnyExcept((byte)0));
        Assert.Equal(DiskUnderTest.Error, disk.WriteSectors(sector, new byte[length]));
        Assert.Equal(before, disk.Content);
        Assert.Null(disk.Device.Fault);
        Assert.Equal(2, disk.Device.Metrics.Errors);
    }

    [Fact]
    public void RangesOutsideTheDiskAreErrors()
    {
        using var disk = new DiskUnderTest();
        byte[] before = disk.Content;
        DiskUnderTest.Range[][] bad =
        [
            [new(0, 1, 0), new(2048, 1, 0)], [new(ulong.MaxValue, 1, 0)], [new(0, uint.MaxValue, 0)], [],
            [.. Enumerable.Repeat(new DiskUnderTest.Range(0, 1, 0), 17)],
        ];
        foreach (DiskUnderTest.Range[] ranges in bad)
        {
            DriverBuffer[] request = ranges.Length == 0
                ? [disk.Header(DiskUnderTest.WriteZeroes), disk.Status()]
                : [disk.Header(DiskUnderTest.WriteZeroes), disk.Memory.Readable(Bytes(ranges)), disk.Status()];
            Assert.Equal(DiskUnderTest.Error, disk.Request(request));
        }

        Assert.Equal(DiskUnderTest.Error, disk.Request(
            disk.Header(DiskUnderTest.WriteZeroes), disk.Memory.Readable(new byte[17]), disk.Status()));
        Assert.Equal(before, disk.Content);
    }

    [Fact]
    public void ABlockOf4096IsTheSmallestUnit()
    {
        using var disk = new DiskUnderTest(change: image => image with { LogicalBlock = 4096 });
        Assert.Equal(4096u, disk.Setup.ReadConfiguration<uint>(20));
        Assert.Equal(DiskUnderTest.Error, disk.ReadSectors(0, 512, out _));
        Assert.Equal(DiskUnderTest.Error, disk.ReadSectors(1, 4096, out _));
        Assert.Equal(DiskUnderTest.Ok, disk.ReadSectors(8, 4096, out _));
    }

    [Fact]
    public void AHeaderThatIsCutIsAnError()
    {
        using var disk = new DiskUnderTest();
        Assert.Equal(DiskUnderTest.Error, disk.Request(disk.Memory.Readable(new byte[15]), disk.Status()));
        Assert.Equal(DiskUnderTest.Error, disk.Request(disk.Status()));
        Assert.Null(disk.Device.Fault);
    }

    [Fact]
    public void WithoutRoomForTheStatusTheDeviceStops()
    {
        using var disk = new DiskUnderTest();
        byte[] before = disk.Content;
        disk.Add(0, disk.Header(DiskUnderTest.Write), disk.Memory.Readable(new byte[512]));
        disk.Ring(0);
        disk.Await(0);
        Assert.Contains("status", disk.Device.Fault);
        Assert.True(disk.Setup.Interrupts.IsResetNeeded);
        Assert.Equal(before, disk.Content);
        disk.Device.Reset();
        disk.Setup.Activate();
        Assert.Null(disk.Device.Fault);
        Assert.Equal(DiskUnderTest.Ok, disk.ReadSectors(0, 512, out _));
    }

    [Fact]
    public void DirectIoServesBuffersThatAreNotAligned()
    {
        using var disk = new DiskUnderTest(change: image => image with { Direct = true });
        int block = disk.Backend.LogicalBlock;
        byte[] data = new byte[block * 3];
        new Random(5).NextBytes(data);
        Assert.Equal(DiskUnderTest.Ok, disk.WriteSectors((ulong)(block / 512), data));
        Assert.Equal(DiskUnderTest.Ok, disk.ReadSectors((ulong)(block / 512), data.Length, out byte[] back));
        Assert.Equal(data, back);
    }

    private static byte[] Bytes(params DiskUnderTest.Range[] ranges) =>
        System.Runtime.InteropServices.MemoryMarshal.AsBytes(ranges.AsSpan()).ToArray();
}
