using StratoVirt.Backends.Char;
using StratoVirt.Testing;
using Xunit;

namespace StratoVirt.Backends.Tests.Char;

public sealed class ConsoleChannelTests
{
    private readonly RecordingCharBackend _output = new();

    [Fact]
    public void Prints_everything_and_is_always_there()
    {
        ConsoleChannel channel = new(_output);
        using ChannelBench bench = new(channel);
        Assert.True(channel.IsConnected);
        Assert.Equal(5, bench.Write("hello"u8));
        Assert.Equal("hello", _output.Text);
    }

    [Fact]
    public void Typed_bytes_reach_the_guest_in_order()
    {
        ConsoleChannel channel = new(_output);
        using ChannelBench bench = new(channel);
        Assert.Equal(2, channel.Receive("ab"u8));
        Assert.Equal(1, channel.Receive("c"u8));
        bench.AwaitInput(3);
        Assert.Equal("abc"u8, bench.Input);
    }

    [Fact]
    public void A_sender_waits_for_a_guest_that_does_not_read()
    {
        ConsoleChannel channel = new(_output);
        using ChannelBench bench = new(channel, reads: false);
        using CharInput input = new(channel);
        byte[] typed = [.. Enumerable.Range(0, 3 * ConsoleChannel.InputLimit / 2).Select(i => (byte)(i * 7))];
        Assert.Equal(ConsoleChannel.InputLimit, channel.Receive(typed));
        int sent = 0;
        Thread sender = new(() => sent = input.Send(
            typed.AsSpan(ConsoleChannel.InputLimit), Timeout.InfiniteTimeSpan, CancellationToken.None));
        sender.Start();
        bench.StartReading();
        bench.AwaitInput(typed.Length);
        sender.Join();
        Assert.Equal(typed.Length - ConsoleChannel.InputLimit, sent);
        Assert.Equal(typed, bench.Input);
    }

    [Fact]
    public void Nothing_is_taken_after_its_end()
    {
        ConsoleChannel channel = new(_output);
        new ChannelBench(channel).Dispose();
        Assert.Equal(0, channel.Receive("x"u8));
    }
}
