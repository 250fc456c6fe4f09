using System.Runtime.InteropServices;
using StratoVirt.Backends.Memory;
using StratoVirt.Linux;
using StratoVirt.Linux.Handles;
using StratoVirt.Linux.Traps;
using StratoVirt.Memory;
using Xunit;

namespace StratoVirt.Backends.Tests.Memory;

public sealed class MappedFileTests : IDisposable
{
    private const int Patience = 10_000;
    private const ulong Granule = 2 << 20;
    private const int Length = 4 << 20;
    private const byte Content = 0x5A;

    private readonly TemporaryDirectory _directory = new();
    private readonly string _path;

    public MappedFileTests()
    {
        _path = _directory["memory"];
        byte[] content = new byte[Length];
        content.AsSpan().Fill(Content);
        File.WriteAllBytes(_path, content);
    }

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_a_file_has_lost_reads_as_zero_once_it_is_mended(bool readOnly)
    {
        const int kept = (1 << 20) + 100;
        using MemoryMapping mapping = MappedFile.Map(_path, readOnly, Granule, out MappedFile file);
        using FileWatch changes = FileWatch.Of(_path);
        using (file)
        {
            Assert.False(file.TryMend());
            Cut(kept);
            AwaitChange(changes);
            Assert.True(file.TryMend());
            Assert.False(file.TryMend());

            // Without the mending, reading the last byte ends the process.
            Assert.Equal(Content, Marshal.ReadByte(mapping.Address, kept - 1));
            Assert.Equal(0, Marshal.ReadByte(mapping.Address, kept));
            Assert.Equal(0, Marshal.ReadByte(mapping.Address, Length - 1));
            Marshal.WriteByte(mapping.Address, Length - 1, 1);
            Assert.Equal(Errno.InputOutput, file.Flush());
            Assert.Contains($"cut to {kept} bytes", file.Problem, StringComparison.Ordinal);
        }

        Assert.Equal(kept, new FileInfo(_path).Length);
    }

    /// <summary>A device may get there before anybody has looked at the file.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Guest_memory_a_file_has_lost_can_be_read_and_written_before_it_is_mended(bool readOnly)
    {
        Assert.SkipUnless(LostPageTrap.IsSupported, "there is no handler for this architecture");
        const int kept = 1 << 20;
        MemoryMapping mapping = MappedFile.Map(_path, readOnly, Granule, out MappedFile file);
        using var memory = GuestMemory.CreateAnonymous([new GuestRange(default, 1 << 20)]);
        memory.Add(new GuestMemoryRegion(new GuestAddress(1UL << 32), mapping));
        using (file)
        {
            Cut(kept);
            byte[] seen = new byte[Length];
            Assert.True(memory.TryRead(new GuestAddress(1UL << 32), seen));
            Assert.True(seen.AsSpan(0, kept).IndexOfAnyExcept(Content) < 0);
            Assert.True(seen.AsSpan(kept).IndexOfAnyExcept((byte)0) < 0);
            Assert.True(memory.TryWrite(new GuestAddress((1UL << 32) + Length - 4096), seen.AsSpan(0, 4096)));
            Assert.Equal(Errno.InputOutput, file.Flush());
            Assert.True(file.TryMend());
            Assert.Contains($"cut to {kept} bytes", file.Problem, StringComparison.Ordinal);
        }

        Assert.Equal(kept, new FileInfo(_path).Length);
    }

    /// <summary>Nobody saw it but a device: what it wrote is in no file, and no flush may say otherwise.</summary>
    [Fact]
    public void A_file_that_was_cut_and_is_as_long_as_before_is_not_whole()
    {
        Assert.SkipUnless(LostPageTrap.IsSupported, "there is no handler for this architecture");
        using MemoryMapping mapping = MappedFile.Map(_path, readOnly: false, Granule, out MappedFile file);
        using (file)
        {
            Cut(0);
            Marshal.WriteByte(mapping.Address, 1);
            Cut(Length);
            Assert.Equal(Errno.InputOutput, file.Flush());
            Assert.Contains("cut for a while", file.Problem, StringComparison.Ordinal);
            Assert.True(file.TryMend());
            Assert.False(file.TryMend());
            Assert.Contains("cut for a while", file.Problem, StringComparison.Ordinal);
            Assert.Equal(Errno.InputOutput, file.Flush());
        }
    }

    [Fact]
    public void A_file_that_is_cut_again_is_mended_again()
    {
        using MemoryMapping mapping = MappedFile.Map(_path, readOnly: false, Granule, out MappedFile file);
        using (file)
        {
            Cut(Length / 2);
            Assert.True(file.TryMend());
            Cut(0);
            Assert.True(file.TryMend());
            Assert.Equal(0, Marshal.ReadByte(mapping.Address, 0));
        }
    }

    [Fact]
    public void A_file_that_grows_or_is_written_beside_the_mapping_is_whole()
    {
        using MemoryMapping mapping = MappedFile.Map(_path, readOnly: false, Granule, out MappedFile file);
        using FileWatch changes = FileWatch.Of(_path);
        using (file)
        {
            Cut(2 * Length);
            AwaitChange(changes);
            Assert.False(file.TryMend());
            Assert.Null(file.Problem);
            Assert.Equal(Errno.None, file.Flush());
        }
    }

    private static void AwaitChange(FileWatch changes)
    {
        using Epoll epoll = Epoll.Create();
        epoll.Add(changes, EpollEvents.In, 1);
        Assert.Equal(1, epoll.Wait(new EpollEvent[1], Patience));
        changes.Drain();
        Assert.Equal(0, epoll.Wait(new EpollEvent[1], 0));
    }

    private void Cut(long length)
    {
        using FileStream file = File.OpenWrite(_path);
        file.SetLength(length);
    }
}
