using StratoVirt.Backends.Char;
using StratoVirt.Linux;
using Xunit;

namespace StratoVirt.Backends.Tests.Char;

public sealed class FileChannelTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Appends()
    {
        string path = _directory["log"];
        File.WriteAllText(path, "before ");
        using (ChannelBench bench = new(FileChannel.Open(path)))
        {
            Assert.Equal(5, bench.Write("after"u8));
        }

        Assert.Equal("before after", File.ReadAllText(path));
    }

    [Fact]
    public void A_new_file_is_its_owners_alone()
    {
        new ChannelBench(FileChannel.Open(_directory["log"])).Dispose();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_directory["log"]));
    }

    [Fact]
    public void A_full_disk_holds_the_guest_back_and_is_tried_again()
    {
        FileChannel channel = FileChannel.Open("/dev/full", TimeSpan.FromMilliseconds(1));
        using ChannelBench bench = new(channel);
        Assert.Equal(0, bench.Write("x"u8));
        Assert.Contains(nameof(Errno.NoSpace), channel.Problem, StringComparison.Ordinal);
        bench.AwaitRoom(1);
        Assert.Equal(0, bench.Write("x"u8));
        bench.AwaitRoom(2);
    }

    [Fact]
    public void What_cannot_be_opened_is_an_error_with_its_path()
    {
        string path = _directory["no/such/file"];
        Assert.Equal(path, Assert.Throws<LinuxException>(() => FileChannel.Open(path)).Target);
    }
}
