using System.Runtime.InteropServices;
using StratoVirt.Backends.Block;
using StratoVirt.Backends.Limits;
using StratoVirt.Devices.Virtio.Block;
using StratoVirt.Devices.Virtio.Queue;
using StratoVirt.Testing.Virtio;
using Xunit;

namespace StratoVirt.Devices.Tests.Virtio.Block;

/// <summary>A block device on an image of its own, and the driver's half of its requests.</summary>
internal sealed class DiskUnderTest : IDisposable
{
    internal const uint Read = 0;
    internal const uint Write = 1;
    internal const uint Flush = 4;
    internal const uint Identity = 8;
    internal const uint Discard = 11;
    internal const uint WriteZeroes = 13;
    internal const byte Ok = 0;
    internal const byte Error = 1;
    internal const byte Unsupported = 2;

    private const byte NoStatus = 0xEE;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("stratovirt-disk-");

    internal DiskUnderTest(
        BlockEngine engine = BlockEngine.IoUring,
        int length = 1 << 20,
        BlockConfiguration? configuration = null,
        Func<BlockImageOptions, BlockImageOptions>? change = null,
        ulong? features = null,
        VirtqueueOptions options = VirtqueueOptions.None,
        RateLimiter? limiter = null,
        RateLimiter? group = null,
        bool listens = true,
        Func<IBlockBackend, IBlockBackend>? wrap = null)
    {
        Path = System.IO.Path.Combine(_directory.FullName, "disk.img");
        byte[] content = new byte[length];
        new Random(7).NextBytes(content);
        File.WriteAllBytes(Path, content);
        var image = new BlockImageOptions { Path = Path, Engine = engine };
        Backend = TryOpen(change?.Invoke(image) ?? image);
        Setup = new DeviceUnderTest<VirtioBlock>(
            thread => new VirtioBlock(
                configuration ?? new BlockConfiguration(), wrap?.Invoke(Backend) ?? Backend, thread, limiter, group),
            features,
            options,
            listens);
    }

    internal string Path { get; }

    internal IBlockBackend Backend { get; }

    internal DeviceUnderTest<VirtioBlock> Setup { get; }

    internal VirtioBlock Device => Setup.Device;

    internal TestGuestMemory Memory => Setup.Memory;

    internal byte[] Content
    {
        get
        {
            using FileStream file = File.Open(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            byte[] content = new byte[file.Length];
            file.ReadExactly(content);
            return content;
        }
    }

    internal DriverBuffer Header(uint type, ulong sector = 0) => Memory.Readable(new RequestHeader(type, 0, sector));

    internal DriverBuffer Status()
    {
        DriverBuffer status = Memory.Writable(1);
        Memory.Span(status)[0] = NoStatus;
        return status;
    }

    /// <summary>One request, waited for; its last byte is its status.</summary>
    internal byte Request(params ReadOnlySpan<DriverBuffer> buffers) => Request(out _, buffers);

    internal byte Request(out uint written, params ReadOnlySpan<DriverBuffer> buffers)
    {
        ushort id = Add(0, buffers);
        Ring(0);
        UsedElement used = Await(0);
        Assert.Equal(id, used.Id);
        written = used.Written;
        return Memory.Span(buffers[^1])[^1];
    }

    internal ushort Add(int queue, params ReadOnlySpan<DriverBuffer> buffers) =>
        Setup.Queues[queue].Add(buffers, Setup.Options.HasFlag(VirtqueueOptions.Indirect));

    internal void Ring(int queue)
    {
        Setup.Queues[queue].Kick();
        Setup.Serve(queue);
    }

    internal UsedElement Await(int queue)
    {
        UsedElement used = default;
        Assert.True(SpinWait.SpinUntil(() => Setup.Queues[queue].TryCollect(out used), Patience), "no request was completed");
        return used;
    }

    internal byte ReadSectors(ulong sector, int length, out byte[] data)
    {
        DriverBuffer buffer = Memory.Writable(length);
        byte status = Request(Header(Read, sector), buffer, Status());
        data = Memory.Span(buffer).ToArray();
        return status;
    }

    internal byte WriteSectors(ulong sector, byte[] data) =>
        Request(Header(Write, sector), Memory.Readable(data), Status());

    public void Dispose()
    {
        Setup.Device.Dispose();
        Assert.Empty(Setup.Faults);
        Assert.Null(Memory.FirstDamage);
        Setup.Dispose();
        _directory.Delete(recursive: true);
    }

    private static IBlockBackend TryOpen(BlockImageOptions options)
    {
        try
        {
            return BlockImage.Open(options);
        }
        catch (BlockImageException refused) when (refused.Message.Contains("io_uring") || refused.Message.Contains("direct I/O"))
        {
            Assert.Skip(refused.Message);
            throw;
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    internal readonly record struct RequestHeader(uint Type, uint Reserved, ulong Sector);

    [StructLayout(LayoutKind.Sequential)]
    internal readonly record struct Range(ulong Sector, uint Sectors, uint Flags);
}
