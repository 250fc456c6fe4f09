using StratoVirt.Devices.Bus;
using StratoVirt.Devices.Legacy;
using StratoVirt.Testing;
using Xunit;

namespace StratoVirt.Devices.Tests.Legacy;

public sealed class I8042Tests
{
    private readonly RecordingMachineControl _machine = new();
    private readonly IoBus _ports = IoBus.ForPorts();

    public I8042Tests() => _ports.Add(0x64, I8042.Length, "i8042", new I8042(_machine));

    [Theory]
    [InlineData(0xFE, 1)]
    [InlineData(0xF0, 1)]
    [InlineData(0xFF, 0)]
    [InlineData(0xAA, 0)]
    [InlineData(0xD1, 0)]
    [InlineData(0x60, 0)]
    public void Only_a_pulse_of_the_reset_line_resets(byte command, int resets)
    {
        _ports.Write(0x64, [command]);
        Assert.Equal(resets, _machine.Resets);
    }

    /// <summary>Linux drains a full output buffer of 16 bytes and then says there is no controller.</summary>
    [Fact]
    public void A_probing_driver_gives_up_at_once()
    {
        int drained = 0;
        while ((In(0x64) & 0x01) != 0 && drained <= 16)
        {
            In(0x60);
            drained++;
        }

        Assert.Equal(17, drained);
    }

    [Fact]
    public void A_rebooting_kernel_does_not_wait() => Assert.Equal(0, In(0x64) & 0x02);

    [Fact]
    public void Accesses_allocate_nothing()
    {
        I8042 device = new(_machine);
        byte[] data = [0xFE];
        Assert.Equal(0, Allocations.Of(() =>
        {
            device.Write(0, data);
            device.Read(0, data);
            data[0] = 0xFE;
        }));
        Assert.InRange(_machine.Resets, 1000, int.MaxValue);
    }

    private byte In(ulong port)
    {
        byte[] data = [0];
        _ports.Read(port, data);
        return data[0];
    }
}
