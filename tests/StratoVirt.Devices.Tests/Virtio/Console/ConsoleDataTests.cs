using System.Text;
using StratoVirt.Devices.Virtio.Queue;
using StratoVirt.Testing;
using StratoVirt.Testing.Virtio;
using Xunit;

namespace StratoVirt.Devices.Tests.Virtio.Console;

public sealed class ConsoleDataTests : IDisposable
{
    private const ulong NoMultiport = 0;

    private readonly ConsoleGuest _guest = new();
    private readonly ScriptedChannel _console = new();
    private readonly ScriptedChannel _port = new();

    public ConsoleDataTests()
    {
        _guest.Device.AddPort(new() { Channel = _console.Connected(), IsConsole = true });
        _guest.Device.AddPort(new() { Channel = _port.Connected(), Name = "p" });
    }

    public void Dispose() => _guest.Dispose();

    public static TheoryData<VirtqueueOptions> Kinds => new(
        VirtqueueOptions.None,
        VirtqueueOptions.EventIndex,
        VirtqueueOptions.Packed,
        VirtqueueOptions.Packed | VirtqueueOptions.EventIndex);

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Bytes_go_both_ways(VirtqueueOptions kind)
    {
        using ConsoleGuest guest = new(options: kind);
        ScriptedChannel channel = new ScriptedChannel().Connected();
        guest.Device.AddPort(new() { Channel = channel, Name = "p" });
        guest.Greet(1);
        for (int i = 0; i < 300; i++)
        {
            guest.Print(1, $"{i};");
            Assert.Equal(1, guest.TakePrinted(1));
            guest.Offer(ConsoleGuest.In(1));
            channel.Type($"{i}!");
            Assert.Equal($"{i}!", guest.TakeText(1));
        }

        Assert.Equal(string.Concat(Enumerable.Range(0, 300).Select(i => $"{i};")), channel.Output);
        Assert.Equal(channel.OutputLength, guest.Device.Metrics.TransmittedBytes);
        Assert.Null(guest.Test.Memory.FirstDamage);
        Assert.Empty(guest.Test.Faults);
    }

    [Fact]
    public void A_driver_without_ports_has_the_first_console()
    {
        using ConsoleGuest guest = new(features: NoMultiport);
        ScriptedChannel channel = new ScriptedChannel().Connected();
        guest.Device.AddPort(new() { Channel = channel, IsConsole = true });
        guest.Print(0, "hello");
        Assert.Equal("hello", channel.Output);
        guest.Offer(ConsoleGuest.In(0));
        channel.Type("hi");
        Assert.Equal("hi", guest.TakeText(0));
        guest.Send(0, 0, 1);
        guest.Print(1, "no such port");
    }

    [Fact]
    public void A_console_never_waits_for_its_host_end()
    {
        _guest.Greet(0);
        _console.Room = 3;
        _guest.Print(0, "abcdef");
        _console.Connect(false);
        _guest.Print(0, "gone");
        Assert.Equal(2, _guest.TakePrinted(0));
        Assert.Equal("abc", _console.Output);
        Assert.Equal(7, _guest.Device.Metrics.DroppedBytes);
        Assert.Equal(7, _guest.Device.Ports[0].DroppedBytes);
    }

    [Fact]
    public void A_port_waits_and_loses_nothing()
    {
        _guest.Greet(1);
        _port.Room = 2;
        DriverBuffer[] parts = [_guest.Test.Memory.Readable("abc"u8), _guest.Test.Memory.Readable("def"u8)];
        _guest.Put(ConsoleGuest.Out(1), parts);
        _guest.Print(1, "ghi");
        Assert.Equal(0, _guest.TakePrinted(1));
        Assert.Equal(0, _guest.Test.DeviceQueues[ConsoleGuest.Out(1)]!.InFlight);
        for (int i = 0; i < 7; i++)
        {
            _port.MakeRoom(1);
        }

        Assert.Equal("abcdefghi", _port.Output);
        Assert.Equal(2, _guest.TakePrinted(1));
        Assert.Equal(0, _guest.Device.Metrics.DroppedBytes);
    }

    [Fact]
    public void A_port_without_a_client_keeps_its_output()
    {
        _port.Connect(false);
        _guest.Greet(1);
        _guest.Print(1, "kept");
        Assert.Equal(0, _guest.TakePrinted(1));
        _port.Connect();
        Assert.Equal("kept", _port.Output);
        Assert.Equal(1, _guest.TakePrinted(1));
    }

    [Fact]
    public void The_next_client_does_not_get_half_a_message()
    {
        _guest.Greet(1);
        _port.Room = 2;
        _guest.Print(1, "abcd");
        _guest.Print(1, "whole");
        _port.Connect(false);
        _port.Room = int.MaxValue;
        _port.Connect();
        Assert.Equal("abwhole", _port.Output);
        Assert.Equal(2, _guest.TakePrinted(1));
        Assert.Equal(2, _guest.Device.Metrics.DroppedBytes);
    }

    [Fact]
    public void Input_waits_until_a_program_opens_the_port_and_for_buffers()
    {
        _guest.Offer(ConsoleGuest.ControlIn, 16);
        _guest.Send(0, 0, 1);
        _guest.Send(1, 3, 1);
        _guest.Offer(ConsoleGuest.In(1), 1, size: 3);
        _port.Type("abcdefg");
        Assert.Empty(_guest.TakeText(1));
        _guest.Send(1, 6, 1);
        Assert.Equal("abc", _guest.TakeText(1));
        _guest.Offer(ConsoleGuest.In(1), 2, size: 3);
        Assert.Equal("defg", _guest.TakeText(1));
        _guest.Send(1, 6, 0);
        _guest.Offer(ConsoleGuest.In(1), 1);
        _port.Type("late");
        Assert.Empty(_guest.TakeText(1));
        Assert.False(_guest.Device.Ports[1].IsGuestOpen);
    }

    [Fact]
    public void Buffers_of_the_wrong_kind_are_given_back()
    {
        _guest.Greet(0, 1);
        _guest.Put(ConsoleGuest.Out(1), _guest.Test.Memory.Writable(10));
        Assert.Equal(1, _guest.TakePrinted(1));
        _guest.Put(ConsoleGuest.In(1), _guest.Test.Memory.Readable("x"u8));
        Assert.True(_guest.Test.Queues[ConsoleGuest.In(1)].TryCollect(out UsedElement used));
        Assert.Equal(0u, used.Written);
        _guest.Put(ConsoleGuest.Out(2), _guest.Test.Memory.Readable("nobody's"u8));
        Assert.Null(_guest.Device.Fault);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_long_message_takes_its_turns(int port)
    {
        _guest.Greet(0, 1);
        byte[] text = [.. Enumerable.Range(0, 900_000).Select(i => (byte)(i % 251))];
        DriverBuffer[] parts = [_guest.Test.Memory.Readable(text.AsSpan(0, 300_000)), _guest.Test.Memory.Readable(text.AsSpan(300_000))];
        _guest.Put(ConsoleGuest.Out(port), parts);
        Assert.True(SpinWait.SpinUntil(() => _guest.TakePrinted(port) == 1, TimeSpan.FromSeconds(20)));
        Assert.Equal(text, Encoding.Latin1.GetBytes((port == 0 ? _console : _port).Output));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void At_rest_nothing_touches_guest_memory(bool reset)
    {
        _guest.Greet(1);
        DriverBuffer buffer = _guest.Test.Memory.Writable(8);
        _guest.Put(ConsoleGuest.In(1), buffer);
        _port.Room = 0;
        _guest.Print(1, "later");
        if (reset)
        {
            _guest.Device.Reset();
        }
        else
        {
            _guest.Device.Pause();
            Assert.All(_guest.Test.DeviceQueues, queue => queue!.Save());
        }

        _port.Type("x");
        _port.MakeRoom(100);
        _port.Connect(false);
        _port.Connect();
        _guest.Test.Settle();
        Assert.False(_guest.Test.Memory.Span(buffer).ContainsAnyExcept((byte)0));
        Assert.Empty(_port.Output);
        Assert.Equal(0, _guest.TakePrinted(1));
        _guest.Device.Resume();
        _guest.Test.Settle();
        Assert.Equal(reset ? string.Empty : "later", _port.Output);
        Assert.Empty(_guest.Test.Faults);
    }

    [Fact]
    public void A_queue_reset_leaves_the_other_queues_alone()
    {
        _guest.Greet(1);
        _port.Room = 2;
        _guest.Print(1, "abcd");
        _guest.Device.ReplaceQueue(ConsoleGuest.Out(1), null);
        _port.MakeRoom(100);
        Assert.Equal("ab", _port.Output);
        _guest.Offer(ConsoleGuest.In(1));
        _port.Type("in");
        Assert.Equal("in", _guest.TakeText(1));
    }

    [Fact]
    public void A_removed_port_gives_its_output_back()
    {
        _guest.Greet(1);
        _port.Connect(false);
        _guest.Print(1, "lost");
        _guest.Device.RemovePort(1);
        Assert.Equal(1, _guest.TakePrinted(1));
        Assert.Equal(4, _guest.Device.Metrics.DroppedBytes);
        _guest.Print(1, "ignored");
        Assert.Equal(0, _guest.TakePrinted(1));
    }

    [Fact]
    public void A_broken_queue_stops_the_device_whoever_finds_it()
    {
        _guest.Greet(1);
        _guest.Test.Queues[ConsoleGuest.In(1)].Add([DriverBuffer.Writable(_guest.Test.Memory.End, 1)]);
        _guest.Test.Queues[ConsoleGuest.In(1)].Kick();
        _port.Type("x");
        Assert.NotNull(_guest.Device.Fault);
        Assert.True(_guest.Test.Interrupts.IsResetNeeded);
        _guest.Print(1, "x");
        Assert.Empty(_port.Output);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Moving_bytes_allocates_nothing(VirtqueueOptions kind)
    {
        using ConsoleGuest guest = new(options: kind);
        ScriptedChannel channel = new ScriptedChannel().Connected();
        guest.Device.AddPort(new() { Channel = channel, Name = "p" });
        guest.Greet(1);
        DriverBuffer[] output = [guest.Test.Memory.Readable(new byte[100]), guest.Test.Memory.Readable(new byte[50])];
        DriverBuffer[] input = [guest.Test.Memory.Writable(100), guest.Test.Memory.Writable(50)];
        DriverQueue outQueue = guest.Test.Queues[ConsoleGuest.Out(1)];
        DriverQueue inQueue = guest.Test.Queues[ConsoleGuest.In(1)];
        Assert.Equal(0, guest.Test.OnThread(() => Allocations.Of(() =>
        {
            channel.Rewind(input: 120);
            outQueue.Add(output);
            outQueue.Kick();
            guest.Device.Serve(ConsoleGuest.Out(1));
            outQueue.Collect();
            inQueue.Add(input);
            inQueue.Kick();
            guest.Device.Serve(ConsoleGuest.In(1));
            inQueue.Collect();
        })));
    }
}
