using StratoVirt.Devices.Legacy.Serial;
using Xunit;

namespace StratoVirt.Devices.Tests.Legacy.Serial;

public sealed class Uart16550Tests
{
    private const byte FifosOn = 0x01;
    private readonly Uart16550 _chip = new();

    [Fact]
    public void Starts_as_the_data_sheet_says()
    {
        Assert.Equal(0x00, _chip.Read(UartRegister.InterruptEnable));
        Assert.Equal(0x01, _chip.Read(UartRegister.InterruptIdentification));
        Assert.Equal(0x00, _chip.Read(UartRegister.LineControl));
        Assert.Equal(0x00, _chip.Read(UartRegister.ModemControl));
        Assert.Equal(0x60, _chip.Read(UartRegister.LineStatus));
        Assert.Equal(0xB0, _chip.Read(UartRegister.ModemStatus));
        Assert.Equal(0x00, _chip.Read(UartRegister.ReceiveBuffer));
    }

    [Fact]
    public void The_divisor_hides_behind_its_latch()
    {
        _chip.Write(UartRegister.InterruptEnable, 0x05);
        _chip.Write(UartRegister.LineControl, 0x83);
        _chip.Write(UartRegister.DivisorLow, 0x34);
        _chip.Write(UartRegister.DivisorHigh, 0x12);

        Assert.Equal(0x34, _chip.Read(UartRegister.DivisorLow));
        Assert.Equal(0x12, _chip.Read(UartRegister.DivisorHigh));
        _chip.Write(UartRegister.LineControl, 0x03);
        Assert.Equal(0x05, _chip.Read(UartRegister.InterruptEnable));
        Assert.True(_chip.Write(UartRegister.TransmitHolding, (byte)'x'));
    }

    [Fact]
    public void Registers_keep_only_the_bits_they_have()
    {
        _chip.Write(UartRegister.InterruptEnable, 0xFF);
        _chip.Write(UartRegister.ModemControl, 0xFF);
        _chip.Write(UartRegister.Scratch, 0xA5);
        _chip.Write(UartRegister.LineStatus, 0xFF);
        _chip.Write(UartRegister.ModemStatus, 0xFF);

        Assert.Equal(0x0F, _chip.Read(UartRegister.InterruptEnable));
        Assert.Equal(0x1F, _chip.Read(UartRegister.ModemControl));
        Assert.Equal(0xA5, _chip.Read(UartRegister.Scratch));
        Assert.Equal(0x60, _chip.Read(UartRegister.LineStatus));
    }

    [Theory]
    [InlineData(0x01, 1)]
    [InlineData(0x41, 4)]
    [InlineData(0x81, 8)]
    [InlineData(0xC1, 14)]
    public void Below_the_trigger_level_the_cause_is_the_timeout(byte control, int level)
    {
        _chip.Write(UartRegister.FifoControl, control);
        _chip.Write(UartRegister.InterruptEnable, 0x01);
        for (int count = 1; count <= Uart16550.FifoDepth; count++)
        {
            _chip.Receive((byte)count);
            byte expected = count < level ? (byte)0xCC : (byte)0xC4;
            Assert.Equal(expected, _chip.Read(UartRegister.InterruptIdentification));
        }

        Assert.Equal(0, _chip.Room);
        for (int count = 1; count <= Uart16550.FifoDepth; count++)
        {
            Assert.Equal(0x61, _chip.Read(UartRegister.LineStatus));
            Assert.Equal(count, _chip.Read(UartRegister.ReceiveBuffer));
        }

        Assert.Equal(0xC1, _chip.Read(UartRegister.InterruptIdentification));
        Assert.Equal(0x60, _chip.Read(UartRegister.LineStatus));
    }

    [Fact]
    public void Causes_are_reported_by_priority_and_acknowledged_each_in_its_way()
    {
        _chip.Write(UartRegister.FifoControl, FifosOn);
        _chip.Write(UartRegister.ModemControl, 0x10);
        for (int i = 0; i < Uart16550.FifoDepth + 1; i++)
        {
            _chip.Write(UartRegister.TransmitHolding, (byte)i);
        }

        _chip.Write(UartRegister.InterruptEnable, 0x0F);
        Assert.Equal(UartCauses.All, _chip.Causes);

        Assert.Equal(0xC6, _chip.Read(UartRegister.InterruptIdentification));
        Assert.Equal(0xC6, _chip.Read(UartRegister.InterruptIdentification));
        Assert.Equal(0x63, _chip.Read(UartRegister.LineStatus));
        Assert.Equal(0xC4, _chip.Read(UartRegister.InterruptIdentification));
        for (int i = 0; i < Uart16550.FifoDepth; i++)
        {
            Assert.Equal(i, _chip.Read(UartRegister.ReceiveBuffer));
        }

        Assert.Equal(0xC2, _chip.Read(UartRegister.InterruptIdentification));
        Assert.Equal(0xC0, _chip.Read(UartRegister.InterruptIdentification));
        _chip.Read(UartRegister.ModemStatus);
        Assert.Equal(0xC1, _chip.Read(UartRegister.InterruptIdentification));
        Assert.Equal(UartCauses.None, _chip.Causes);
    }

    /// <summary>Linux disarms and arms the interrupt and expects it a second time; a chip that stays silent is
    /// driven with a timer instead.</summary>
    [Fact]
    public void Arming_the_transmitter_interrupt_raises_it_each_time()
    {
        for (int i = 0; i < 2; i++)
        {
            _chip.Write(UartRegister.InterruptEnable, 0x02);
            Assert.Equal(0x02, _chip.Read(UartRegister.InterruptIdentification));
            Assert.Equal(0x01, _chip.Read(UartRegister.InterruptIdentification));
            _chip.Write(UartRegister.InterruptEnable, 0x00);
        }

        _chip.Write(UartRegister.InterruptEnable, 0x02);
        _chip.Read(UartRegister.InterruptIdentification);
        _chip.Write(UartRegister.InterruptEnable, 0x03);
        Assert.Equal(UartCauses.None, _chip.Causes);
        _chip.Write(UartRegister.TransmitHolding, 0);
        Assert.Equal(UartCauses.TransmitEmpty, _chip.Causes);
    }

    [Theory]
    [InlineData(0x10, 0x00)]
    [InlineData(0x11, 0x20)]
    [InlineData(0x12, 0x10)]
    [InlineData(0x14, 0x40)]
    [InlineData(0x18, 0x80)]
    [InlineData(0x1F, 0xF0)]
    public void Loopback_wires_the_modem_outputs_to_its_inputs(byte control, byte lines)
    {
        _chip.Write(UartRegister.ModemControl, control);
        Assert.Equal(lines, _chip.Read(UartRegister.ModemStatus) & 0xF0);
        Assert.Equal(lines, _chip.Read(UartRegister.ModemStatus));
        _chip.Write(UartRegister.ModemControl, 0);
        Assert.Equal(0xB0, _chip.Read(UartRegister.ModemStatus) & 0xF0);
    }

    [Fact]
    public void Modem_changes_are_noted_once_and_of_ring_only_the_end()
    {
        _chip.Write(UartRegister.ModemControl, 0x10);
        _chip.Read(UartRegister.ModemStatus);
        _chip.Write(UartRegister.ModemControl, 0x1F);
        Assert.Equal(0xFB, _chip.Read(UartRegister.ModemStatus));
        _chip.Write(UartRegister.ModemControl, 0x1B);
        Assert.Equal(0xB4, _chip.Read(UartRegister.ModemStatus));
        Assert.Equal(0xB0, _chip.Read(UartRegister.ModemStatus));
    }

    [Fact]
    public void Loopback_prints_nothing_and_hears_nothing_from_outside()
    {
        _chip.Write(UartRegister.ModemControl, 0x10);

        Assert.Equal(0, _chip.Room);
        Assert.False(_chip.Write(UartRegister.TransmitHolding, (byte)'x'));
        Assert.Equal((byte)'x', _chip.Read(UartRegister.ReceiveBuffer));
    }

    [Fact]
    public void An_overrun_keeps_the_fifo_and_is_reported_once()
    {
        _chip.Write(UartRegister.FifoControl, FifosOn);
        for (int i = 0; i < Uart16550.FifoDepth + 3; i++)
        {
            _chip.Receive((byte)i);
        }

        Assert.Equal(3UL, _chip.Overruns);
        Assert.Equal(0x63, _chip.Read(UartRegister.LineStatus));
        Assert.Equal(0x61, _chip.Read(UartRegister.LineStatus));
        for (int i = 0; i < Uart16550.FifoDepth; i++)
        {
            Assert.Equal(i, _chip.Read(UartRegister.ReceiveBuffer));
        }
    }

    [Fact]
    public void Without_fifos_an_overrun_replaces_the_character()
    {
        _chip.Receive(1);
        Assert.Equal(0, _chip.Room);
        _chip.Receive(2);

        Assert.Equal(0x63, _chip.Read(UartRegister.LineStatus));
        Assert.Equal(2, _chip.Read(UartRegister.ReceiveBuffer));
        Assert.Equal(0x60, _chip.Read(UartRegister.LineStatus));
    }

    [Theory]
    [InlineData(0x00)]
    [InlineData(0x03)]
    public void Switching_or_clearing_the_fifo_empties_it(byte control)
    {
        _chip.Write(UartRegister.FifoControl, FifosOn);
        _chip.Receive(1);
        _chip.Write(UartRegister.FifoControl, 0xC1);
        Assert.False(_chip.IsDrained);
        _chip.Write(UartRegister.FifoControl, control);
        Assert.True(_chip.IsDrained);
    }

    [Fact]
    public void A_saved_state_brings_everything_back()
    {
        _chip.Write(UartRegister.LineControl, 0x80);
        _chip.Write(UartRegister.DivisorLow, 3);
        _chip.Write(UartRegister.DivisorHigh, 4);
        _chip.Write(UartRegister.LineControl, 0x1B);
        _chip.Write(UartRegister.FifoControl, 0x81);
        _chip.Write(UartRegister.ModemControl, 0x1A);
        for (int i = 0; i < Uart16550.FifoDepth + 1; i++)
        {
            _chip.Write(UartRegister.TransmitHolding, (byte)(i + 100));
        }

        _chip.Write(UartRegister.InterruptEnable, 0x0F);
        _chip.Write(UartRegister.Scratch, 9);
        Uart16550 copy = new();
        copy.Load(_chip.Save());

        Assert.Equal(_chip.Causes, copy.Causes);
        foreach (int register in (int[])[2, 5, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 2, 2, 6, 2, 1, 3, 4, 7])
        {
            Assert.Equal(_chip.Read(register), copy.Read(register));
        }

        copy.Write(UartRegister.LineControl, 0x80);
        Assert.Equal(3, copy.Read(UartRegister.DivisorLow));
        Assert.Equal(4, copy.Read(UartRegister.DivisorHigh));
    }
}
