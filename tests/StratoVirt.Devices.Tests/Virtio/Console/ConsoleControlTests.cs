using StratoVirt.Devices.Virtio.Console;
using Xunit;

namespace StratoVirt.Devices.Tests.Virtio.Console;

public sealed class ConsoleControlTests : IDisposable
{
    private readonly ConsoleGuest _guest = new();
    private readonly ScriptedChannel _console = new();
    private readonly ScriptedChannel _port = new();

    public void Dispose() => _guest.Dispose();

    [Fact]
    public void Ports_are_announced_accepted_and_described()
    {
        Assert.Equal(0, _guest.Device.AddPort(new() { Channel = _console.Connected(), IsConsole = true }));
        Assert.Equal(1, _guest.Device.AddPort(new() { Channel = _port, Name = "agent.0" }));
        _guest.Device.Resize(0, 80, 25);
        _guest.Offer(ConsoleGuest.ControlIn, 16);
        Assert.Empty(_guest.TakeControl());
        _guest.Send(uint.MaxValue, 0, 1);
        Assert.Equal(["add 0", "add 1"], _guest.TakeControl());
        _guest.Send(0, 3, 1);
        Assert.Equal(["console 0", "resize 0 80x25", "open 0"], _guest.TakeControl());
        _guest.Send(1, 3, 1);
        Assert.Equal(["name 1 agent.0"], _guest.TakeControl());
        _port.Connect();
        Assert.Equal(["open 1"], _guest.TakeControl());
        _port.Connect(false);
        Assert.Equal(["close 1"], _guest.TakeControl());
        Assert.Equal(0, _guest.Device.Metrics.BadMessages);
    }

    [Fact]
    public void Configuration_space_has_size_and_ports()
    {
        _guest.Device.AddPort(new() { Channel = _console, IsConsole = true });
        Assert.True(_guest.Device.Resize(0, 132, 43));
        Assert.Equal(132, _guest.Test.ReadConfiguration<ushort>(0));
        Assert.Equal(43, _guest.Test.ReadConfiguration<ushort>(2));
        Assert.Equal(4u, _guest.Test.ReadConfiguration<uint>(4));
        Assert.Equal(1, _guest.Test.Interrupts.ConfigurationChanges);
        Assert.False(_guest.Device.Resize(1, 80, 25));
    }

    [Fact]
    public void News_wait_for_buffers_and_do_not_pile_up()
    {
        _guest.Device.AddPort(new() { Channel = _port, Name = "p" });
        _guest.Offer(ConsoleGuest.ControlIn, 2);
        _guest.Send(0, 0, 1);
        _guest.Send(1, 3, 1);
        Assert.Equal(["add 1", "name 1 p"], _guest.TakeControl());
        for (int i = 0; i < 1000; i++)
        {
            _port.Connect();
            _port.Connect(false);
        }

        _guest.Offer(ConsoleGuest.ControlIn, 4);
        Assert.Empty(_guest.TakeControl());
        _port.Connect();
        Assert.Equal(["open 1"], _guest.TakeControl());
        _guest.Offer(ConsoleGuest.ControlIn, 1);
        _guest.Take(ConsoleGuest.ControlIn);
    }

    [Fact]
    public void Another_client_is_a_close_and_an_open()
    {
        _guest.Device.AddPort(new() { Channel = _port.Connected() });
        _guest.Offer(ConsoleGuest.ControlIn, 2);
        _guest.Send(0, 0, 1);
        _guest.Send(1, 3, 1);
        Assert.Equal(["add 1", "open 1"], _guest.TakeControl());
        _port.Connect(false);
        _port.Connect();
        _guest.Offer(ConsoleGuest.ControlIn, 4);
        Assert.Equal(["close 1", "open 1"], _guest.TakeControl());
    }

    [Fact]
    public void Ports_come_and_go_while_the_guest_runs()
    {
        _guest.Greet();
        Assert.Equal(1, _guest.Device.AddPort(new() { Channel = _port, Name = "late" }));
        Assert.Equal(["add 1"], _guest.TakeControl());
        _guest.Send(1, 3, 1);
        _guest.TakeControl();
        Assert.True(_guest.Device.RemovePort(1));
        Assert.True(_port.IsDisposed);
        Assert.Equal(["remove 1"], _guest.TakeControl());
        Assert.False(_guest.Device.RemovePort(1));
        Assert.Equal(1, _guest.Device.AddPort(new() { Channel = new ScriptedChannel(), Name = "late" }));
        Assert.Equal(["add 1"], _guest.TakeControl());
    }

    [Fact]
    public void A_number_is_taken_until_the_driver_has_heard_of_the_removal()
    {
        _guest.Device.AddPort(new() { Channel = _port, Name = "p" });
        _guest.Offer(ConsoleGuest.ControlIn, 1);
        _guest.Send(0, 0, 1);
        _guest.TakeControl();
        _guest.Device.RemovePort(1);
        Assert.Empty(_guest.Device.Ports);
        Assert.Throws<InvalidOperationException>(() => _guest.Device.AddPort(new() { Channel = _port, Number = 1 }));
        _guest.Offer(ConsoleGuest.ControlIn, 4);
        Assert.Equal(["remove 1"], _guest.TakeControl());
        _guest.Device.AddPort(new() { Channel = _port, Number = 1 });
    }

    [Fact]
    public void What_cannot_be_is_refused()
    {
        Assert.Throws<ArgumentException>(() => _guest.Device.AddPort(new() { Channel = _port, Number = 0 }));
        Assert.Throws<ArgumentException>(() => _guest.Device.AddPort(new() { Channel = _port, Name = "a/b" }));
        Assert.Throws<ArgumentException>(() => _guest.Device.AddPort(new() { Channel = _port, Name = new string('n', 256) }));
        Assert.Throws<InvalidOperationException>(() => _guest.Device.AddPort(new() { Channel = _port, Number = 4 }));
        for (int i = 0; i < 3; i++)
        {
            _guest.Device.AddPort(new() { Channel = new ScriptedChannel(), Name = $"{i}" });
        }

        Assert.Throws<InvalidOperationException>(() => _guest.Device.AddPort(new() { Channel = _port }));
        Assert.Equal(0, _guest.Device.AddPort(new() { Channel = _console, IsConsole = true }));
        Assert.Throws<ArgumentOutOfRangeException>(() => _guest.Device.RemovePort(4));
    }

    [Fact]
    public void Garbage_is_counted_and_changes_nothing()
    {
        _guest.Device.AddPort(new() { Channel = _port, Name = "p" });
        _guest.Greet(1);
        _guest.SendRaw([1, 0, 0]);
        _guest.SendRaw([]);
        foreach ((uint port, ushort what) in ((uint, ushort)[])[(0, 3), (2, 6), (4, 3), (uint.MaxValue, 3), (1, 1), (1, 99), (1, ushort.MaxValue)])
        {
            _guest.Send(port, what, 1);
        }

        Assert.Equal(9, _guest.Device.Metrics.BadMessages);
        _guest.Send(0, 0, 1);
        _guest.Send(1, 3, 1);
        Assert.Empty(_guest.TakeControl());
        _guest.Put(ConsoleGuest.ControlOut, _guest.Test.Memory.Writable(8));
        Assert.Null(_guest.Device.Fault);
        Assert.Equal(10, _guest.Device.Metrics.BadMessages);
    }

    [Fact]
    public void A_buffer_too_small_is_given_back_and_the_message_kept()
    {
        _guest.Device.AddPort(new() { Channel = _port, Name = "name" });
        _guest.Offer(ConsoleGuest.ControlIn, 1, size: 7);
        _guest.Offer(ConsoleGuest.ControlIn, 1);
        _guest.Send(0, 0, 1);
        Assert.Equal(["0 bytes", "add 1"], _guest.TakeControl());
        _guest.Send(1, 3, 1);
        _guest.Offer(ConsoleGuest.ControlIn, 1, size: 11);
        _guest.Offer(ConsoleGuest.ControlIn, 1, size: 12);
        Assert.Equal(["0 bytes", "name 1 name"], _guest.TakeControl());
        Assert.Equal(2, _guest.Device.Metrics.SmallBuffers);
    }

    [Fact]
    public void A_port_the_driver_cannot_have_is_left_alone()
    {
        _guest.Device.AddPort(new() { Channel = _port.Connected(), Name = "p" });
        _guest.Offer(ConsoleGuest.ControlIn, 8);
        _guest.Send(0, 0, 1);
        _guest.Send(1, 3, 0);
        _guest.Print(1, "not ready");
        Assert.Equal(["add 1"], _guest.TakeControl());
        Assert.Empty(_port.Output);
    }

    [Fact]
    public void A_reset_starts_the_talk_again()
    {
        _guest.Device.AddPort(new() { Channel = _port.Connected(), Name = "p" });
        _guest.Greet(1);
        _guest.Device.Reset();
        ConsolePortStatus status = Assert.Single(_guest.Device.Ports);
        Assert.False(status.IsReady || status.IsGuestOpen);
        _port.Connect(false);
        _port.Connect();
        _guest.Test.Activate();
        _guest.Offer(ConsoleGuest.ControlIn, 8);
        _guest.Send(0, 0, 1);
        _guest.Send(1, 3, 1);
        Assert.Equal(["add 1", "name 1 p", "open 1"], _guest.TakeControl());
    }

    [Fact]
    public void State_goes_on_where_it_stopped()
    {
        _guest.Device.AddPort(new() { Channel = _console.Connected(), IsConsole = true });
        _guest.Device.AddPort(new() { Channel = _port.Connected(), Name = "p" });
        _guest.Device.Resize(0, 80, 25);
        _guest.Greet(0, 1);
        _guest.Device.Pause();
        ConsoleState state = _guest.Device.Save();

        using ConsoleGuest other = new(activate: false);
        ScriptedChannel port = new();
        other.Device.AddPort(new() { Channel = new ScriptedChannel().Connected(), IsConsole = true });
        Assert.Throws<DeviceStateException>(() => other.Device.Restore(state));
        other.Device.AddPort(new() { Channel = port, Name = "p" });
        other.Device.AddPort(new() { Channel = new ScriptedChannel(), Name = "new" });
        other.Device.Restore(state);
        other.Test.Activate();
        other.Offer(ConsoleGuest.ControlIn, 8);
        Assert.Equal(["close 1", "add 2"], other.TakeControl());
        Assert.Equal(80, other.Test.ReadConfiguration<ushort>(0));
        port.Connect();
        Assert.Equal(["open 1"], other.TakeControl());
        other.Print(1, "on");
        Assert.Equal("on", port.Output);
        Assert.Throws<DeviceStateException>(() => other.Device.Restore(state with { Version = 0 }));
    }

    [Fact]
    public void Host_ends_go_with_the_device()
    {
        using (ConsoleGuest guest = new())
        {
            guest.Device.AddPort(new() { Channel = _port });
        }

        Assert.True(_port.IsDisposed);
    }
}
