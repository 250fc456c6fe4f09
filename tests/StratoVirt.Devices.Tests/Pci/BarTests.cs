using CsCheck;
using StratoVirt.Devices.Pci;
using StratoVirt.Devices.Tests.Bus;
using StratoVirt.Testing.Virtio;
using Xunit;

namespace StratoVirt.Devices.Tests.Pci;

public sealed class BarTests
{
    private const int Slot = 3;

    private readonly PciMachine _machine = new();
    private readonly PlainPciDevice _device = new(new EchoDevice(0x11), new EchoDevice(0x22));
    private readonly PciFunctionDriver _driver;

    public BarTests()
    {
        _machine.Root.Plug(Slot, _device);
        _driver = _machine.Driver(Slot);
    }

    [Fact]
    public void Writing_ones_tells_the_length_and_type()
    {
        Assert.Equal(PlainPciDevice.WideLength, _driver.MeasureBar(0));
        Assert.Equal(0b100u, _driver.Read<uint>(0x10) & 0xF);
        _driver.Write(0x18, uint.MaxValue);
        Assert.Equal(~(uint)PlainPciDevice.NarrowLength + 1, _driver.Read<uint>(0x18));
        _driver.Write(0x1C, uint.MaxValue);
        Assert.Equal(0u, _driver.Read<uint>(0x1C));
    }

    [Fact]
    public void It_answers_where_it_is_placed_while_it_is_decoded()
    {
        Assert.Equal(uint.MaxValue, _driver.ReadMemory<uint>(PciMachine.HighWindow));
        _driver.PlaceBar(0, PciMachine.HighWindow);
        Assert.Equal(0x1111_1111u, _driver.ReadMemory<uint>(PciMachine.HighWindow + 0x3FFC));
        Assert.Equal(uint.MaxValue, _driver.ReadMemory<uint>(PciMachine.HighWindow + 0x4000));
        _driver.SetDecode(false);
        Assert.Equal(uint.MaxValue, _driver.ReadMemory<uint>(PciMachine.HighWindow));
        _driver.SetDecode(true);
        Assert.Equal(0x1111_1111u, _driver.ReadMemory<uint>(PciMachine.HighWindow));
        _driver.Write(0x14, (uint)(PciMachine.HighWindow >> 32) | 0x5A);
        Assert.Null(_device.Wide.Address);
        Assert.Equal(
            [(0, PciMachine.HighWindow), (0, null), (0, PciMachine.HighWindow), (0, null)],
            _device.Moves);
    }

    [Theory]
    [InlineData(0x0000_0000UL)]
    [InlineData(0x0010_0000UL)]
    [InlineData(PciMachine.Ecam)]
    [InlineData(0xFEC0_0000UL)]
    [InlineData(PciMachine.HighWindow + PciMachine.HighWindowLength)]
    [InlineData(0xFFFF_FFFF_FFFF_C000UL)]
    public void It_answers_in_no_place_that_is_not_PCIs(ulong address)
    {
        string before = _machine.Map;
        _driver.PlaceBar(0, address);
        Assert.Null(_device.Wide.Address);
        Assert.Equal(before, _machine.Map);
        Assert.Equal(address == 0 ? 0UL : 1UL, _machine.Mapper.Metrics.OutsideWindows);
    }

    [Fact]
    public void Of_two_in_one_place_the_first_answers_and_the_second_when_it_has_left()
    {
        _driver.PlaceBar(0, PciMachine.LowWindow);
        _driver.Write(0x18, (uint)PciMachine.LowWindow + 0x1000);
        Assert.Null(_device.Narrow.Address);
        Assert.Equal(1UL, _machine.Mapper.Metrics.Overlapping);
        Assert.Equal(0x11, _driver.ReadMemory<byte>(PciMachine.LowWindow + 0x1000));

        _driver.Write(0x10, (uint)PciMachine.LowWindow + 0x8000);
        Assert.Equal(PciMachine.LowWindow + 0x1000, _device.Narrow.Address);
        Assert.Equal(0x22, _driver.ReadMemory<byte>(PciMachine.LowWindow + 0x1000));
    }

    [Fact]
    public void A_device_that_leaves_answers_nowhere_whatever_is_written_to_it()
    {
        string before = _machine.Map;
        _driver.PlaceBar(0, PciMachine.LowWindow);
        Assert.Same(_device, _machine.Root.Unplug(Slot));
        Assert.Equal(before, _machine.Map);
        _device.WriteConfiguration(0x10, [0, 0, 0, 0xD8]);
        Assert.Equal(before, _machine.Map);
        Assert.False(_driver.IsPresent);
    }

    [Fact]
    public void A_reset_unplaces_it()
    {
        string before = _machine.Map;
        _driver.PlaceBar(0, PciMachine.LowWindow);
        _machine.Root.Reset();
        Assert.Equal(before, _machine.Map);
        Assert.Equal(0, _driver.Read<ushort>(PciRegister.Command));
        Assert.Equal(0b100u, _driver.Read<uint>(0x10));
        Assert.Equal(0x5678_1234u, _driver.Read<uint>(0));
    }

    [Fact]
    public void A_saved_device_answers_where_it_did()
    {
        _driver.PlaceBar(0, PciMachine.LowWindow);
        PciDeviceState state = _device.Save();
        PciMachine other = new();
        PlainPciDevice copy = new(new EchoDevice(0x11));
        other.Root.Plug(Slot, copy);
        copy.Restore(state);
        Assert.Equal(_machine.Map, other.Map);
        Assert.Throws<DeviceStateException>(() => copy.Restore(state with { Version = 2 }));
        Assert.Throws<DeviceStateException>(() => copy.Restore(new PciDeviceState()));
    }

    [Fact]
    public void Whatever_is_written_the_map_holds_what_the_registers_say() =>
        Gen.Select(Gen.Int[0, 0x27], Gen.OneOf(1, 2, 4, 8), Gen.OneOf(Gen.ULong, Gen.OneOf<ulong>(
            0xD000_0000, 0xD000_1000, 0xD000_2004, 0xDFFF_F000, 0x80, 2, 0, ulong.MaxValue))).Array[1, 60].Sample(writes =>
        {
            PciMachine machine = new();
            string before = machine.Map;
            PlainPciDevice[] devices = [new(), new()];
            machine.Root.Plug(1, devices[0]);
            machine.Root.Plug(2, devices[1]);
            for (int i = 0; i < writes.Length; i++)
            {
                (int offset, int length, ulong value) = writes[i];
                devices[i % 2].WriteConfiguration(offset % 3 == 0 ? 4 : offset, BitConverter.GetBytes(value).AsSpan(0, length));
                HashSet<ulong> mapped = [.. machine.Memory.Map.Mappings.ToArray().Select(mapping => mapping.Start)];
                HashSet<ulong> answering = [.. devices.SelectMany(device => device.Bars).Select(bar => bar.Address).OfType<ulong>()];
                Assert.True(answering.IsSubsetOf(mapped));
                Assert.Equal(2 + answering.Count, mapped.Count);
            }

            machine.Root.Unplug(1);
            machine.Root.Unplug(2);
            Assert.Equal(before, machine.Map);
        });
}
