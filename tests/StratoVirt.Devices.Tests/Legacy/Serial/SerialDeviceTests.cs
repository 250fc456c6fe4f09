using StratoVirt.Devices.Legacy.Serial;
using StratoVirt.Testing;
using Xunit;

namespace StratoVirt.Devices.Tests.Legacy.Serial;

public sealed class SerialDeviceTests
{
    private readonly RecordingInterruptLine _line = new();
    private readonly RecordingCharBackend _output = new();
    private readonly SerialDevice _port;

    public SerialDeviceTests() => _port = new SerialDevice(_line, _output);

    [Fact]
    public void Prints_what_the_guest_writes()
    {
        foreach (char c in "hello")
        {
            Out(0, (byte)c);
        }

        Assert.Equal("hello", _output.Text);
        Assert.Equal(0, _line.Edges);
        Assert.Equal(5UL, _port.Metrics.Transmitted);
    }

    [Fact]
    public void A_polling_guest_needs_no_interrupt()
    {
        Assert.Equal(3, _port.Receive("abc"u8));

        Assert.Equal((byte)'a', InWhenReady());
        Assert.Equal((byte)'b', InWhenReady());
        Assert.Equal((byte)'c', InWhenReady());
        Assert.Equal(0x60, In(5));
        Assert.Equal(0, _line.Edges);
    }

    [Fact]
    public void Input_typed_before_the_interrupt_is_enabled_raises_it_then()
    {
        _port.Receive("x"u8);
        Assert.Equal(0, _line.Edges);
        Out(1, 0x01);
        Assert.Equal(1, _line.Edges);
        Out(1, 0x00);
        Out(1, 0x01);
        Assert.Equal(2, _line.Edges);
    }

    [Fact]
    public void More_input_is_signalled_again_even_with_the_pin_high()
    {
        Out(2, 0x01);
        Out(1, 0x01);
        _port.Receive("a"u8);
        _port.Receive("b"u8);
        Assert.Equal(2, _line.Edges);
    }

    /// <summary>One edge for a FIFO's worth, not one a character: each costs a system call.</summary>
    [Fact]
    public void A_batch_of_printed_characters_is_signalled_once()
    {
        Out(2, 0x01);
        Out(1, 0x02);
        Assert.Equal(1, _line.Edges);
        for (int batch = 0; batch < 3; batch++)
        {
            In(2);
            for (int i = 0; i < 16; i++)
            {
                Out(0, (byte)'x');
            }

            Assert.Equal(2 + batch, _line.Edges);
        }
    }

    [Fact]
    public void Refilling_a_drained_receiver_is_signalled()
    {
        Out(2, 0x01);
        Out(1, 0x01);
        _port.Receive(new byte[20]);
        Assert.Equal(1, _line.Edges);
        for (int i = 0; i < 16; i++)
        {
            In(0);
        }

        Assert.Equal(2, _line.Edges);
        Assert.Equal(0, _port.Metrics.Queued);
    }

    [Fact]
    public void Input_waits_while_the_guest_tests_itself_in_loopback()
    {
        Out(4, 0x10);
        _port.Receive("x"u8);
        Assert.Equal(0x60, In(5));
        Out(4, 0x00);
        Assert.Equal((byte)'x', InWhenReady());
    }

    [Fact]
    public void A_full_queue_takes_a_part_and_tells_when_half_is_free()
    {
        int woken = 0;
        _port.RoomAvailable += () => woken++;
        Out(2, 0x01);
        const int Capacity = SerialDevice.InputLimit + 16;
        Assert.Equal(Capacity, _port.Receive(new byte[Capacity + 5]));
        Assert.Equal(0, _port.Receive([1]));
        for (int i = 0; i < SerialDevice.InputLimit / 2; i++)
        {
            Assert.Equal(0, woken);
            In(0);
        }

        Assert.Equal(1, woken);
        Assert.Equal(10, _port.Receive(new byte[10]));
    }

    [Fact]
    public void Wide_accesses_are_split_by_byte()
    {
        Out(3, 0x80);
        _port.Write(0, [0x34, 0x12]);
        byte[] divisor = new byte[2];
        _port.Read(0, divisor);
        Assert.Equal([0x34, 0x12], divisor);

        byte[] wide = new byte[8];
        _port.Read(0, wide);
        Assert.Equal(0x80, wide[3]);
        Assert.Equal(0x60, wide[5]);
    }

    [Fact]
    public void Reset_forgets_input_and_wakes_a_waiting_sender()
    {
        int woken = 0;
        _port.RoomAvailable += () => woken++;
        _port.Receive(new byte[SerialDevice.InputLimit + 100]);
        Out(1, 0x0F);
        _port.Reset();

        Assert.Equal(1, woken);
        Assert.Equal(0, _port.Metrics.Queued);
        Assert.Equal(0x00, In(1));
        Assert.Equal(0x60, In(5));
    }

    [Fact]
    public void A_restored_port_goes_on_with_its_input_and_signals_it()
    {
        byte[] typed = [.. Enumerable.Range(0, 100).Select(i => (byte)i)];
        Out(2, 0x81);
        Out(1, 0x05);
        _port.Receive(typed);
        RecordingInterruptLine line = new();
        SerialDevice copy = new(line, _output);
        copy.Restore(_port.Save());

        Assert.Equal(1, line.Edges);
        Linux8250Driver driver = new(copy, line);
        Assert.True(driver.ServeInterrupt());
        Assert.Equal(typed, driver.Received);
    }

    [Fact]
    public void Foreign_states_are_refused()
    {
        SerialState good = _port.Save();
        UartState longFifo = good.Uart with { Received = [.. new byte[17]] };

        Assert.Throws<DeviceStateException>(() => _port.Restore(good with { Version = 2 }));
        Assert.Throws<DeviceStateException>(() => _port.Restore(good with { Input = [.. new byte[SerialDevice.InputLimit + 1]] }));
        Assert.Throws<DeviceStateException>(() => _port.Restore(good with { Input = default }));
        Assert.Throws<DeviceStateException>(() => _port.Restore(good with { Uart = longFifo }));
        Assert.Throws<DeviceStateException>(() => _port.Restore(good with { Uart = null! }));
        _port.Restore(good with { Uart = good.Uart with { InterruptEnable = 0xFF, FifoControl = 0xFF, ModemControl = 0xFF } });
        Assert.Equal(0x0F, In(1));
    }

    [Fact]
    public void Accesses_allocate_nothing()
    {
        RecordingCharBackend roomy = new(4_000_000);
        SerialDevice port = new(_line, roomy);
        byte[] data = new byte[1];
        byte[] typed = new byte[100];
        port.Write(2, [0x81]);
        port.Write(1, [0x0F]);

        // Typing may grow the queue; once grown it stays.
        port.Receive(new byte[SerialDevice.InputLimit]);
        Assert.Equal(0, Allocations.Of(() =>
        {
            port.Receive(typed);
            for (int i = 0; i < 200; i++)
            {
                port.Read((ulong)i % 8, data);
            }

            for (ulong i = 0; i < 8; i++)
            {
                data[0] = (byte)(i == 4 ? 0x1B : i == 2 ? 0x81 : 0x0B);
                port.Write(i, data);
            }

            data[0] = 0;
            port.Write(4, data);
        }));
    }

    private byte InWhenReady()
    {
        Assert.Equal(0x61, In(5));
        return In(0);
    }

    private byte In(ulong register)
    {
        byte[] data = [0];
        _port.Read(register, data);
        return data[0];
    }

    private void Out(ulong register, byte value) => _port.Write(register, [value]);
}
