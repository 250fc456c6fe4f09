using StratoVirt.Devices.Platform;
using StratoVirt.Testing;
using Xunit;

namespace StratoVirt.Devices.Tests.Platform;

public sealed class AcpiPowerTests
{
    private readonly RecordingMachineControl _machine = new();
    private readonly RecordingInterruptLine _line = new();
    private readonly AcpiPower _power;

    public AcpiPowerTests() => _power = new AcpiPower(_machine, _line);

    [Fact]
    public void Only_sleep_type_5_with_the_enable_bit_shuts_down()
    {
        for (int type = 0; type < 8; type++)
        {
            Out(AcpiPower.SleepControlOffset, (byte)(type << 2));
            Assert.Equal(0, _machine.Shutdowns);
        }

        Out(AcpiPower.SleepControlOffset, (5 << 2) | (1 << 5));
        Assert.Equal(1, _machine.Shutdowns);
        Assert.Equal(0, In(AcpiPower.SleepControlOffset));
        Assert.Equal(0, In(AcpiPower.SleepStatusOffset));
    }

    [Fact]
    public void Any_other_sleep_wakes_at_once_and_the_status_is_cleared_by_writing_it()
    {
        Out(AcpiPower.SleepControlOffset, (1 << 2) | (1 << 5));
        Assert.Equal(0x80, In(AcpiPower.SleepStatusOffset));
        Out(AcpiPower.SleepStatusOffset, 0x7F);
        Assert.Equal(0x80, In(AcpiPower.SleepStatusOffset));
        Out(AcpiPower.SleepStatusOffset, 0x80);
        Assert.Equal(0x00, In(AcpiPower.SleepStatusOffset));
        Assert.Equal(0, _machine.Shutdowns);
    }

    [Fact]
    public void The_reset_register_takes_its_value_only()
    {
        Out(AcpiPower.ResetOffset, 0);
        Out(AcpiPower.ResetOffset, 0xFF);
        Assert.Equal(0, _machine.Resets);
        Out(AcpiPower.ResetOffset, AcpiPower.ResetValue);
        Assert.Equal(1, _machine.Resets);
    }

    [Fact]
    public void The_power_button_is_an_event_that_reading_clears()
    {
        Assert.Equal(0, In(AcpiPower.EventSelectOffset));
        _power.PressPowerButton();
        _power.PressPowerButton();
        Assert.Equal(2, _line.Edges);
        Assert.Equal(AcpiPower.PowerButtonEvent, In(AcpiPower.EventSelectOffset));
        Assert.Equal(0, In(AcpiPower.EventSelectOffset));
    }

    [Fact]
    public void Reset_forgets_a_press()
    {
        _power.PressPowerButton();
        Out(AcpiPower.SleepControlOffset, 1 << 5);
        _power.Reset();
        Assert.Equal(0, In(AcpiPower.EventSelectOffset));
        Assert.Equal(0, In(AcpiPower.SleepStatusOffset));
    }

    [Fact]
    public void A_restored_press_is_signalled()
    {
        _power.PressPowerButton();
        RecordingInterruptLine line = new();
        AcpiPower copy = new(_machine, line);
        copy.Restore(_power.Save());
        Assert.Equal(1, line.Edges);
        Assert.Equal(_power.Save(), copy.Save());
        Assert.Throws<DeviceStateException>(() => copy.Restore(new AcpiPowerState { Version = 7 }));
    }

    [Fact]
    public void Accesses_allocate_nothing()
    {
        byte[] data = new byte[4];
        Assert.Equal(0, Allocations.Of(() =>
        {
            data.AsSpan().Fill(0xFF);
            _power.Write(0, data);
            _power.Read(2, data);
            _power.PressPowerButton();
        }));
    }

    private byte In(ulong offset)
    {
        byte[] data = [0];
        _power.Read(offset, data);
        return data[0];
    }

    private void Out(ulong offset, byte value) => _power.Write(offset, [value]);
}
