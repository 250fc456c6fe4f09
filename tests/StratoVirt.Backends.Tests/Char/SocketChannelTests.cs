using StratoVirt.Backends.Char;
using StratoVirt.Linux;
using StratoVirt.Linux.Net;
using StratoVirt.Testing;
using Xunit;

namespace StratoVirt.Backends.Tests.Char;

public sealed class SocketChannelTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly SocketChannel _channel;

    public SocketChannelTests() => _channel = SocketChannel.Listen(Path);

    private string Path => _directory["port"];

    public void Dispose()
    {
        _channel.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void Nobody_is_there_at_first()
    {
        using ChannelBench bench = new(_channel);
        Assert.False(_channel.IsConnected);
        Assert.NotNull(_channel.Problem);
        Assert.Equal(0, bench.Write("lost?"u8));
    }

    [Fact]
    public void A_client_that_came_before_the_device_is_served()
    {
        using UnixSocket client = UnixSocket.Connect(Path);
        client.Send("early"u8, out _);
        using ChannelBench bench = new(_channel);
        bench.AwaitInput(5);
        Assert.Equal("early"u8, bench.Input);
        Assert.Null(_channel.Problem);
    }

    [Fact]
    public void Nothing_is_lost_to_a_slow_client()
    {
        using ChannelBench bench = new(_channel);
        using UnixSocket client = UnixSocket.Connect(Path);
        bench.AwaitConnections(1);
        byte[] sent = [.. Enumerable.Range(0, 2_000_000).Select(i => (byte)(i * 31))];
        List<byte> received = [];
        Thread reader = new(() => Drain(client, received, sent.Length));
        int first = bench.Write(sent);
        Assert.InRange(first, 1, sent.Length - 1);
        reader.Start();
        bench.WriteAll(sent.AsSpan(first));
        reader.Join();
        Assert.Equal(sent, received);
    }

    [Fact]
    public void A_guest_that_does_not_read_holds_the_client_back()
    {
        using ChannelBench bench = new(_channel, reads: false);
        using UnixSocket client = UnixSocket.Connect(Path);
        bench.AwaitConnections(1);
        byte[] chunk = new byte[64 << 10];
        int sent = 0;
        while (client.Send(chunk, out int count) != Errno.Again)
        {
            sent += count;
        }

        Assert.InRange(sent, 1, 64 << 20);
        bench.StartReading();
        bench.AwaitInput(sent);
        Assert.Equal(sent, bench.Input.Length);
    }

    [Fact]
    public void A_client_that_has_gone_is_told_after_its_last_byte_and_the_next_is_served()
    {
        using ChannelBench bench = new(_channel);
        using (UnixSocket first = UnixSocket.Connect(Path))
        {
            first.Send("bye"u8, out _);
        }

        bench.AwaitConnections(2);
        Assert.Equal("bye"u8, bench.Input);
        Assert.Contains("closed", _channel.Problem, StringComparison.Ordinal);
        using UnixSocket second = UnixSocket.Connect(Path);
        bench.AwaitConnections(3);
        Assert.Equal([true, false, true], bench.Connections);
        second.Send("hi"u8, out _);
        bench.AwaitInput(5);
        Assert.Equal(2, _channel.Connections);
    }

    [Fact]
    public void A_second_client_waits_for_its_turn()
    {
        using ChannelBench bench = new(_channel);
        UnixSocket first = UnixSocket.Connect(Path);
        bench.AwaitConnections(1);
        using UnixSocket second = UnixSocket.Connect(Path);
        second.Send("2"u8, out _);
        first.Send("1"u8, out _);
        bench.AwaitInput(1);
        first.Dispose();
        bench.AwaitInput(2);
        Assert.Equal("12"u8, bench.Input);
        Assert.Equal([true, false, true], bench.Connections);
    }

    [Fact]
    public void One_that_has_gone_with_bytes_unread_gives_way()
    {
        using ChannelBench bench = new(_channel, reads: false);
        using (UnixSocket first = UnixSocket.Connect(Path))
        {
            bench.AwaitConnections(1);
            first.Send("never read"u8, out _);
        }

        // The end of the first reaches the thread before the second does, or with it: both are handled in order.
        bench.Thread.Invoke(() => { });
        using UnixSocket second = UnixSocket.Connect(Path);
        bench.AwaitConnections(3);
        Assert.Equal([true, false, true], bench.Connections);
    }

    [Fact]
    public void Its_end_takes_the_file_away()
    {
        _channel.Withdraw();
        new ChannelBench(_channel).Dispose();
        Assert.False(File.Exists(Path));
    }

    [Fact]
    public void Moving_bytes_allocates_nothing()
    {
        using ChannelBench bench = new(_channel, reads: false);
        using UnixSocket client = UnixSocket.Connect(Path);
        bench.AwaitConnections(1);
        byte[] buffer = new byte[512];
        long allocated = -1;
        bench.Thread.Invoke(() => allocated = Allocations.Of(() =>
        {
            _channel.Write(buffer);
            client.Read(buffer, out _);
            client.Send(buffer, out _);
            _channel.Read(buffer);
            _channel.Read(buffer);
        }));
        Assert.Equal(0, allocated);
        Assert.Empty(bench.Faults);
    }

    private static void Drain(UnixSocket client, List<byte> received, int bytes)
    {
        byte[] buffer = new byte[100_000];
        while (received.Count < bytes)
        {
            if (client.Read(buffer, out int count) == Errno.Again)
            {
                Thread.Yield();
            }

            received.AddRange(buffer.AsSpan(0, count));
        }
    }
}
