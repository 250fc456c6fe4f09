using System.Diagnostics;
using StratoVirt.Devices.Platform;
using StratoVirt.Testing;
using Xunit;

namespace StratoVirt.Devices.Tests.Platform;

public sealed class BootMarkPortTests
{
    private readonly RecordingMachineControl _machine = new();

    [Fact]
    public void Stamps_each_byte()
    {
        BootMarkPort port = new(_machine);
        long before = Stopwatch.GetTimestamp();
        port.Write(0, [0x41]);
        port.Write(0, [0x42]);
        long after = Stopwatch.GetTimestamp();

        Assert.Equal([(byte)0x41, (byte)0x42], _machine.BootMarks.Select(mark => mark.Code));
        Assert.InRange(_machine.BootMarks[0].Timestamp, before, _machine.BootMarks[1].Timestamp);
        Assert.InRange(_machine.BootMarks[1].Timestamp, before, after);
    }

    [Fact]
    public void Can_be_told_from_an_empty_bus()
    {
        byte[] data = [0];
        new BootMarkPort(_machine).Read(0, data);
        Assert.Equal(BootMarkPort.Signature, data[0]);
    }
}
