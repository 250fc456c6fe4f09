using System.Diagnostics;
using StratoVirt.Backends.Entropy;
using StratoVirt.Linux;
using StratoVirt.Linux.Handles;
using StratoVirt.Testing;
using Xunit;

namespace StratoVirt.Backends.Tests.Entropy;

public sealed class EntropySourceTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void The_kernel_fills_every_byte_and_allocates_nothing()
    {
        using KernelEntropy source = new();
        byte[] first = new byte[1000];
        byte[] second = new byte[1000];
        Assert.Equal(1000, source.Read(first));
        Assert.Equal(1000, source.Read(second));
        Assert.NotEqual(first, second);
        Assert.InRange(first.Distinct().Count(), 100, 256);
        Assert.Equal(0, source.Read([]));
        Assert.Null(source.Problem);
        Assert.Equal(0, Allocations.Of(() => source.Read(first)));
    }

    [Fact]
    public void A_dry_pipe_is_no_problem()
    {
        string path = _directory["pipe"];
        using (Process process = Process.Start("mkfifo", [path]))
        {
            process.WaitForExit();
        }

        using FileDescriptor both = FileDescriptor.Open(path, OpenFlags.ReadWrite | OpenFlags.NonBlocking);
        using FileEntropy source = FileEntropy.Open(path);
        byte[] buffer = new byte[10];
        Assert.Equal(0, source.Read(buffer));
        Assert.Null(source.Problem);
        both.WriteAll("abc"u8);
        Assert.Equal(3, source.Read(buffer));
        Assert.Equal("abc"u8, buffer.AsSpan(0, 3));
    }

    [Fact]
    public void A_file_that_ends_is_not_repeated()
    {
        string path = _directory["file"];
        File.WriteAllText(path, "ab");
        using FileEntropy source = FileEntropy.Open(path);
        Assert.Equal(2, source.Read(new byte[10]));
        Assert.Equal(0, source.Read(new byte[10]));
        Assert.Contains("ended", source.Problem, StringComparison.Ordinal);
        Assert.Equal(0, Allocations.Of(() => source.Read(stackalloc byte[10])));
    }

    [Fact]
    public void What_cannot_be_opened_is_an_error() =>
        Assert.Equal(Errno.NoEntry, Assert.Throws<LinuxException>(() => FileEntropy.Open(_directory["none"])).Errno);
}
