using System.Runtime.InteropServices;
using StratoVirt.Backends.Memory;
using StratoVirt.Linux;
using StratoVirt.Linux.Handles;
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
