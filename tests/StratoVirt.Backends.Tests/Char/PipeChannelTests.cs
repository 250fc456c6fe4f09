using System.Diagnostics;
using StratoVirt.Backends.Char;
using StratoVirt.Linux;
using StratoVirt.Linux.Handles;
using Xunit;

namespace StratoVirt.Backends.Tests.Char;

public sealed class PipeChannelTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Carries_bytes_both_ways_whoever_comes_and_goes()
    {
        string path = MakePipes();
        using ChannelBench bench = new(PipeChannel.Open(path));
        for (int i = 1; i <= 2; i++)
        {
            using (FileDescriptor writer = FileDescriptor.Open(path + ".in", OpenFlags.WriteOnly))
            {
                writer.WriteAll("in"u8);
            }

            bench.AwaitInput(2 * i);
            Assert.Equal(3, bench.Write("out"u8));
            using FileDescriptor reader = FileDescriptor.Open(path + ".out", OpenFlags.ReadOnly);
            byte[] buffer = new byte[10];
            reader.Read(buffer, out int count);
            Assert.Equal("out"u8, buffer.AsSpan(0, count));
        }

        Assert.Empty(bench.Faults);
    }

    [Fact]
    public void A_full_pipe_holds_the_guest_back()
    {
        string path = MakePipes();
        using ChannelBench bench = new(PipeChannel.Open(path));
        byte[] sent = new byte[1 << 20];
        int taken = bench.Write(sent);
        Assert.InRange(taken, 1, sent.Length - 1);
        using FileDescriptor reader = FileDescriptor.Open(path + ".out", OpenFlags.ReadOnly);
        Thread drain = new(() =>
        {
            byte[] buffer = new byte[64 << 10];
            for (int left = sent.Length; left > 0;)
            {
                reader.Read(buffer, out int count);
                left -= count;
            }
        });
        drain.Start();
        bench.WriteAll(sent.AsSpan(taken));
        drain.Join();
    }

    [Fact]
    public void A_file_is_no_pipe()
    {
        File.WriteAllText(_directory["p.in"], string.Empty);
        Assert.Equal(Errno.NoDeviceOrAddress, Assert.Throws<LinuxException>(() => PipeChannel.Open(_directory["p"])).Errno);
    }

    private string MakePipes()
    {
        string path = _directory["p"];
        using Process process = Process.Start("mkfifo", [path + ".in", path + ".out"]);
        process.WaitForExit();
        return path;
    }
}
