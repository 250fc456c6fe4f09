using System.Buffers.Binary;
using CsCheck;
using StratoVirt.Devices.Bus;
using StratoVirt.Devices.Pci;
using StratoVirt.Testing;
using Xunit;

namespace StratoVirt.Devices.Tests.Pci;

public sealed class PciRootTests
{
    private readonly PciMachine _machine = new();
    private readonly IoBus _ports = IoBus.ForPorts();

    public PciRootTests() => _ports.Add(0xCF8, PciConfigurationPorts.Length, "PCI configuration", _machine.Root.Ports);

    [Fact]
    public void The_host_bridge_is_device_0()
    {
        Assert.Equal(0x0600_0000u, _machine.Driver(0).Read<uint>(8));
        Assert.Equal(1, _machine.Root.FindFreeSlot());
        Assert.Throws<ArgumentOutOfRangeException>(() => _machine.Root.Unplug(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => _machine.Root.Plug(32, new PlainPciDevice()));
    }

    [Fact]
    public void A_slot_holds_one_device_and_a_device_is_in_one_slot()
    {
        PlainPciDevice device = new();
        _machine.Root.Plug(5, device);
        Assert.Throws<InvalidOperationException>(() => _machine.Root.Plug(5, new PlainPciDevice()));
        Assert.Throws<InvalidOperationException>(() => _machine.Root.Plug(6, device));
        Assert.Null(_machine.Root[6]);
        Assert.Same(device, _machine.Root.Unplug(5));
        Assert.Null(_machine.Root.Unplug(5));
        _machine.Root.Plug(6, device);
        Assert.True(_machine.Driver(6).IsPresent);
    }

    [Fact]
    public void Empty_slots_other_functions_and_other_buses_read_as_ones()
    {
        _machine.Root.Plug(1, new PlainPciDevice());
        Assert.Equal(0x5678_1234u, Ecam(bus: 0, slot: 1, function: 0));
        Assert.Equal(uint.MaxValue, Ecam(bus: 0, slot: 2, function: 0));
        Assert.Equal(uint.MaxValue, Ecam(bus: 0, slot: 1, function: 1));
        Assert.Equal(uint.MaxValue, Ecam(bus: 1, slot: 1, function: 0));
    }

    [Fact]
    public void The_ports_show_what_ECAM_shows()
    {
        _machine.Root.Plug(31, new PlainPciDevice());
        for (uint register = 0; register < 256; register++)
        {
            Out32(0xCF8, 0x8000_0000 | (31 << 11) | (register & ~3u));
            byte[] data = new byte[1];
            Assert.True(_ports.Read(0xCFC + (register & 3), data));
            Assert.Equal(_machine.Driver(31).Read<byte>((int)register), data[0]);
        }

        Out32(0xCF8, 0x8000_0000 | (31 << 11) | 0x3C);
        _ports.Write(0xCFC, [0x77]);
        Assert.Equal(0x77, _machine.Driver(31).Read<byte>(0x3C));
    }

    // What Linux does before it believes in configuration mechanism 1.
    [Fact]
    public void The_ports_pass_the_probe_of_a_kernel()
    {
        _ports.Write(0xCFB, [0x01]);
        Out32(0xCF8, 0x8000_0000);
        Assert.Equal(0x8000_0000, In32(0xCF8));
        Out32(0xCF8, 0x8000_0008);
        Assert.Equal(0x0600u, In32(0xCFC) >> 16);
        Out32(0xCF8, 0);
        Assert.Equal(uint.MaxValue, In32(0xCFC));
    }

    [Fact]
    public void The_address_register_is_saved_and_reset()
    {
        Out32(0xCF8, uint.MaxValue);
        Assert.Equal(0x80FF_FFFC, In32(0xCF8));
        PciConfigurationPortsState state = _machine.Root.Ports.Save();
        _machine.Root.Reset();
        Assert.Equal(0u, In32(0xCF8));
        _machine.Root.Ports.Restore(state);
        Assert.Equal(0x80FF_FFFC, In32(0xCF8));
        Assert.Throws<DeviceStateException>(() => _machine.Root.Ports.Restore(state with { Version = 0 }));
    }

    [Fact]
    public void Any_access_is_answered() =>
        Gen.Select(Gen.ULong[0, (4 << 20) - 1], Gen.ULong[0, 7], Gen.OneOf(1, 2, 4, 8), Gen.ULong, Gen.Bool).Array[1, 100].Sample(accesses =>
        {
            PciMachine machine = new();
            machine.Root.Plug(1, new PlainPciDevice());
            foreach ((ulong ecam, ulong port, int length, ulong value, bool isWrite) in accesses)
            {
                byte[] data = BitConverter.GetBytes(value)[..length];
                if (isWrite)
                {
                    machine.Root.Ecam.Write(value % 2 == 0 ? ecam : ecam & 0xFFFF, data);
                    machine.Root.Ports.Write(port, data);
                }
                else
                {
                    machine.Root.Ecam.Read(value % 2 == 0 ? ecam : ecam & 0xFFFF, data);
                    machine.Root.Ports.Read(port, data);
                }
            }

            Assert.Equal(0x5678_1234u, machine.Driver(1).Read<uint>(0));
        });

    [Fact]
    public void A_thousand_rounds_of_every_slot_leave_the_map_as_it_was()
    {
        string before = _machine.Map;
        for (int round = 0; round < 1000; round++)
        {
            for (int slot = 1; slot < PciRoot.SlotCount; slot++)
            {
                PlainPciDevice device = new();
                _machine.Root.Plug(slot, device);
                _machine.Driver(slot).PlaceBar(0, PciMachine.HighWindow + ((ulong)slot << 16));
                Assert.NotNull(device.Wide.Address);
            }

            Assert.Equal(-1, _machine.Root.FindFreeSlot());
            for (int slot = 1; slot < PciRoot.SlotCount; slot++)
            {
                Assert.NotNull(_machine.Root.Unplug(slot));
            }
        }

        Assert.Equal(before, _machine.Map);
    }

    [Fact]
    public void Reading_configuration_allocates_nothing()
    {
        _machine.Root.Plug(1, new PlainPciDevice());
        byte[] data = new byte[4];
        Assert.Equal(0, Allocations.Of(() =>
        {
            _machine.Root.Ecam.Read(1 << 15, data);
            _machine.Root.Ports.Read(4, data);
        }));
    }

    private uint Ecam(ulong bus, ulong slot, ulong function)
    {
        byte[] data = new byte[4];
        _machine.Root.Ecam.Read((bus << 20) | (slot << 15) | (function << 12), data);
        return BinaryPrimitives.ReadUInt32LittleEndian(data);
    }

    private uint In32(ulong port)
    {
        byte[] data = new byte[4];
        _ports.Read(port, data);
        return BinaryPrimitives.ReadUInt32LittleEndian(data);
    }

    private void Out32(ulong port, uint value) => _ports.Write(port, BitConverter.GetBytes(value));
}
