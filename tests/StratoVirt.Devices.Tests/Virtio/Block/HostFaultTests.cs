using StratoVirt.Backends.Block;
using StratoVirt.Backends.Io;
using StratoVirt.Devices.Virtio.Block;
using StratoVirt.Linux;
using StratoVirt.Testing.Virtio;
using StratoVirt.Testing.Virtio.Hostile.Subjects;
using Xunit;

namespace StratoVirt.Devices.Tests.Virtio.Block;

/// <summary>What the host does to a disk: the guest sees the status of each request, the operator the reason, and the
/// disk goes on.</summary>
public sealed class HostFaultTests
{
    public static TheoryData<BlockEngine, bool> Ways { get; } = new()
    {
        { BlockEngine.IoUring, false },
        { BlockEngine.IoUring, true },
        { BlockEngine.Threads, false },
        { BlockEngine.Threads, true },
    };

    [Theory]
    [InlineData(DiskUnderTest.Read, Errno.InputOutput)]
    [InlineData(DiskUnderTest.Write, Errno.InputOutput)]
    [InlineData(DiskUnderTest.Flush, Errno.InputOutput)]
    [InlineData(DiskUnderTest.Discard, Errno.InputOutput)]
    [InlineData(DiskUnderTest.WriteZeroes, Errno.InputOutput)]
    [InlineData(DiskUnderTest.Write, Errno.NoSpace)]
    [InlineData(DiskUnderTest.Flush, Errno.NoSpace)]
    public void A_failure_of_the_host_is_the_requests_status_and_the_operators_reason(uint type, Errno errno)
    {
        MemoryDisk host = null!;
        using var test = new DeviceUnderTest<VirtioBlock>(thread => Make(thread, out host), listens: false);
        host.Failure = errno;
        Assert.Equal(DiskUnderTest.Error, Request(test, type));
        BlockError seen = test.Device.Metrics.LastError!.Value;
        Assert.Equal(errno, seen.Errno);
        Assert.Contains($"errno {(int)errno}", seen.ToString());
        Assert.Null(test.Device.Fault);
        Assert.False(test.Interrupts.IsResetNeeded);

        host.Failure = Errno.None;
        Assert.Equal(DiskUnderTest.Ok, Request(test, type));
        Assert.Equal(1, test.Device.Metrics.Errors);
    }

    [Fact]
    public void What_the_host_cannot_do_is_unsupported()
    {
        MemoryDisk host = null!;
        using var test = new DeviceUnderTest<VirtioBlock>(thread => Make(thread, out host), listens: false);
        host.Failure = Errno.NotSupported;
        Assert.Equal(DiskUnderTest.Unsupported, Request(test, DiskUnderTest.Discard));
        Assert.Null(test.Device.Fault);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_full_file_system_fails_writes_until_there_is_room(BlockEngine engine, bool direct)
    {
        const int Length = 8 << 20;
        using var small = new SmallFileSystem(1 << 20);
        string path = small["disk.img"], other = small["other"];
        File.WriteAllBytes(other, new byte[512 << 10]);
        using (FileStream image = File.Create(path))
        {
            image.SetLength(Length);
        }

        using var disk = new DiskUnderTest(
            engine, change: options => options with { Path = path, Direct = direct }, configuration: new BlockConfiguration());
        byte[] data = new byte[256 << 10];
        data.AsSpan().Fill(0x42);
        ulong sector = 0;
        byte status;
        while ((status = disk.WriteSectors(sector, data)) == DiskUnderTest.Ok)
        {
            sector += (ulong)data.Length / 512;
            Assert.True(sector < Length / 512, "the file system has more room than it was given");
        }

        Assert.Equal(DiskUnderTest.Error, status);
        Assert.Equal(Errno.NoSpace, disk.Device.Metrics.LastError!.Value.Errno);
        Assert.Contains("No space", disk.Device.Metrics.LastError.Value.ToString());
        Assert.Null(disk.Device.Fault);
        Assert.Equal(DiskUnderTest.Ok, disk.ReadSectors(0, 4096, out byte[] kept));
        Assert.Equal(sector > 0 ? 0x42 : 0, kept[0]);

        File.Delete(other);
        Assert.Equal(DiskUnderTest.Ok, disk.WriteSectors(sector, data));
        Assert.Equal(DiskUnderTest.Ok, disk.ReadSectors(sector, 4096, out kept));
        Assert.False(kept.AsSpan().ContainsAnyExcept((byte)0x42));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_file_cut_under_a_disk_fails_what_lay_behind_the_cut(BlockEngine engine, bool direct)
    {
        using var disk = new DiskUnderTest(engine, change: options => options with { Direct = direct });
        using (FileStream file = File.Open(disk.Path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite))
        {
            file.SetLength(64 << 10);
        }

        // Across the cut, behind it, and before it.
        Assert.Equal(DiskUnderTest.Error, disk.ReadSectors(120, 8192, out _));
        Assert.Contains("shorter", disk.Device.Metrics.LastError!.Value.ToString());
        Assert.Equal(128UL, disk.Setup.ReadConfiguration<ulong>(0));
        Assert.Equal(1, disk.Setup.Interrupts.ConfigurationChanges);
        Assert.Equal(DiskUnderTest.Error, disk.ReadSectors(1024, 4096, out _));
        Assert.Equal(DiskUnderTest.Error, disk.WriteSectors(1024, new byte[4096]));
        Assert.Equal(DiskUnderTest.Ok, disk.ReadSectors(120, 4096, out _));
        Assert.Equal(DiskUnderTest.Ok, disk.WriteSectors(0, new byte[4096]));
        Assert.Equal(64 << 10, new FileInfo(disk.Path).Length);
        Assert.Null(disk.Device.Fault);
    }

    private static VirtioBlock Make(IoThread thread, out MemoryDisk host)
    {
        host = new MemoryDisk(new byte[1 << 20], (_, _) => { });
        return new VirtioBlock(new BlockConfiguration(), host, thread);
    }

    private static byte Request(DeviceUnderTest<VirtioBlock> test, uint type)
    {
        DriverBuffer header = test.Memory.Readable(new DiskUnderTest.RequestHeader(type, 0, 0));
        DriverBuffer status = test.Memory.Writable(1);
        _ = type switch
        {
            DiskUnderTest.Read => test.Request(0, header, test.Memory.Writable(4096), status),
            DiskUnderTest.Write => test.Request(0, header, test.Memory.Readable(new byte[4096]), status),
            DiskUnderTest.Flush => test.Request(0, header, status),
            _ => test.Request(0, header, test.Memory.Readable(new DiskUnderTest.Range(0, 8, 0)), status),
        };
        return test.Memory.Span(status)[0];
    }
}
