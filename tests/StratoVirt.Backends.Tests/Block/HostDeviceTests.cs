using System.Diagnostics;
using StratoVirt.Backends.Block;
using StratoVirt.Linux;
using StratoVirt.Linux.Handles;
using StratoVirt.Linux.Storage;
using StratoVirt.Memory;
using StratoVirt.Testing.Virtio;
using Xunit;

namespace StratoVirt.Backends.Tests.Block;

/// <summary>Images that are block devices of the host: a loop device gives back to its file what the guest discards.
/// Skipped where none can be had.</summary>
public sealed class HostDeviceTests : IDisposable
{
    private const int Length = 4 << 20;

    private readonly TemporaryDirectory _directory = new();
    private readonly string _file;
    private readonly string _device;

    public HostDeviceTests()
    {
        _file = _directory["disk.img"];
        byte[] content = new byte[Length];
        content.AsSpan().Fill(0x77);
        File.WriteAllBytes(_file, content);
        _device = Run("losetup", "--show", "-f", _file);
        if (_device.Length == 0)
        {
            _directory.Dispose();
            Assert.Skip("There is no loop device here.");
        }
    }

    public void Dispose()
    {
        Run("losetup", "-d", _device);
        _directory.Dispose();
    }

    [Theory]
    [InlineData(BlockEngine.IoUring, false)]
    [InlineData(BlockEngine.IoUring, true)]
    [InlineData(BlockEngine.Threads, false)]
    [InlineData(BlockEngine.Threads, true)]
    public void What_a_guest_discards_goes_back_to_the_device(BlockEngine engine, bool trimOnly)
    {
        using IBlockBackend disk = Open(engine, trimOnly);
        Assert.SkipUnless(disk.CanUnmap, "This loop device gives nothing back.");
        using TestGuestMemory memory = new();
        Assert.True(memory.Memory.TryGetBuffer(memory.Allocate(4096, 4096), 4096, out GuestBuffer buffer));
        Assert.Equal(Length, disk.Length);

        // Beside reads, which the ring takes while a thread discards.
        BlockIo[] requests = [.. Enumerable.Range(0, 8).Select(_ => new BlockIo(this))];
        for (int i = 0; i < requests.Length; i++)
        {
            if (i % 2 == 0)
            {
                requests[i].Begin(BlockOperation.Discard, i << 18, 1 << 18);
            }
            else
            {
                requests[i].Begin(BlockOperation.Read, i << 18);
                requests[i].Add(buffer);
            }

            disk.Submit(requests[i]);
        }

        Assert.Equal(requests.Length, disk.InFlight);
        List<BlockIo> done = [];
        while (disk.InFlight > 0)
        {
            disk.Commit();
            disk.Wait();
            while (disk.TryCollect(out BlockIo? io))
            {
                Assert.Equal(Errno.None, io.Result);
                done.Add(io);
            }
        }

        Assert.Equal(requests.Length, done.Distinct().Count());
        Assert.False(buffer.Span.ContainsAnyExcept((byte)0x77));
        byte[] content = File.ReadAllBytes(_file);
        Assert.Equal(0, content[0]);
        Assert.Equal(0x77, content[1 << 18]);
        Assert.Equal(0, content[6 << 18]);
    }

    private IBlockBackend Open(BlockEngine engine, bool trimOnly)
    {
        var options = new BlockImageOptions { Path = _device, Engine = engine };
        FileDescriptor file = StorageFacts.TryOpen(_device, readOnly: false, direct: false, out Errno errno)
            ?? throw new LinuxException("open", errno, _device);
        StorageFacts facts = StorageFacts.Of(file);
        Assert.True(facts.IsBlockDevice);

        // A device that knows TRIM and nothing more, as many disks do, is played by one that knows more.
        var image = new RawImage(_device, file, trimOnly ? facts with { CanPunchHoles = false } : facts, 512, options);
        if (engine == BlockEngine.Threads)
        {
            return new ThreadEngine(image, 2, guard: null);
        }

        RingEngine? ring = RingEngine.TryCreate(image, out errno);
        Assert.SkipWhen(ring is null, $"io_uring is not to be had: {errno}");
        return ring!;
    }

    private static string Run(string program, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(
                new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            string output = process.StandardOutput.ReadToEnd().Trim();
            process.WaitForExit();
            return process.ExitCode == 0 ? output : string.Empty;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return string.Empty;
        }
    }
}
