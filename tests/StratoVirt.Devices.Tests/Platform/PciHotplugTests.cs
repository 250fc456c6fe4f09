using System.Buffers.Binary;
using CsCheck;
using StratoVirt.Devices.Pci;
using StratoVirt.Devices.Platform;
using StratoVirt.Devices.Tests.Pci;
using StratoVirt.Testing;
using Xunit;

namespace StratoVirt.Devices.Tests.Platform;

public sealed class PciHotplugTests
{
    private readonly PciMachine _machine = new();
    private readonly RecordingInterruptLine _events = new();
    private readonly List<(int Slot, PciDevice Device)> _ejected = [];
    private readonly PciHotplug _hotplug;

    public PciHotplugTests() =>
        _hotplug = new PciHotplug(_machine.Root, _events, (slot, device) => _ejected.Add((slot, device)));

    [Fact]
    public void A_plugged_device_is_told_of_once()
    {
        _hotplug.Plug(4, new PlainPciDevice(), announce: true);
        _hotplug.Plug(31, new PlainPciDevice(), announce: true);
        Assert.Equal(2, _events.Edges);
        Assert.True(_machine.Driver(4).IsPresent);
        Assert.Equal(PciHotplug.UpPending, In32(PciHotplug.SummaryOffset));
        Assert.Equal(0x8000_0010, In32(PciHotplug.UpOffset));
        Assert.Equal(0u, In32(PciHotplug.UpOffset));
        Assert.Equal(0u, In32(PciHotplug.SummaryOffset));
        Assert.Equal(0x8000_0010, In32(PciHotplug.RemovableOffset));
    }

    [Fact]
    public void A_device_that_was_there_from_the_start_can_be_ejected_too()
    {
        _hotplug.Plug(1, new PlainPciDevice(), announce: false);
        Assert.Equal(0, _events.Edges);
        Assert.Equal(0u, In32(PciHotplug.UpOffset));
        Assert.True(_hotplug.RequestEject(1));
    }

    [Fact]
    public void An_ejection_is_asked_for_and_done_by_the_guest()
    {
        PlainPciDevice device = new();
        _hotplug.Plug(4, device, announce: false);
        Assert.True(_hotplug.RequestEject(4));
        Assert.Equal(1, _events.Edges);
        Assert.Equal(PciHotplug.DownPending, In32(PciHotplug.SummaryOffset));
        Assert.Equal(1u << 4, In32(PciHotplug.DownOffset));
        Assert.Equal(0u, In32(PciHotplug.DownOffset));
        Assert.True(_hotplug.IsEjecting(4));

        Out32(PciHotplug.EjectOffset, 1u << 4);
        Assert.Equal([(4, device)], _ejected);
        Assert.False(_machine.Driver(4).IsPresent);
        Assert.False(_hotplug.IsEjecting(4));
        Assert.Equal(0u, In32(PciHotplug.RemovableOffset));
        Out32(PciHotplug.EjectOffset, uint.MaxValue);
        Assert.Single(_ejected);
    }

    [Fact]
    public void A_guest_may_eject_what_nobody_asked_for()
    {
        _hotplug.Plug(2, new PlainPciDevice(), announce: true);
        Out8(PciHotplug.EjectOffset, 1 << 2);
        Assert.Single(_ejected);
        Assert.Equal(0u, In32(PciHotplug.UpOffset));
    }

    [Fact]
    public void Nothing_else_can_be_ejected()
    {
        _machine.Root.Plug(7, new PlainPciDevice());
        Assert.False(_hotplug.RequestEject(7));
        Assert.False(_hotplug.RequestEject(0));
        Assert.False(_hotplug.RequestEject(-1));
        Assert.False(_hotplug.RequestEject(32));
        Out32(PciHotplug.EjectOffset, uint.MaxValue);
        Assert.Empty(_ejected);
        Assert.True(_machine.Driver(7).IsPresent);
        Assert.Throws<InvalidOperationException>(() => _hotplug.Plug(7, new PlainPciDevice(), announce: true));
        Assert.Equal(0, _events.Edges);
    }

    [Fact]
    public void A_device_can_be_taken_away_without_the_guest()
    {
        PlainPciDevice device = new();
        _hotplug.Plug(2, device, announce: true);
        Assert.Same(device, _hotplug.Remove(2));
        Assert.Null(_hotplug.Remove(2));
        Assert.Equal(0u, In32(PciHotplug.UpOffset));
        Assert.Empty(_ejected);
    }

    [Fact]
    public void A_reset_carries_out_what_was_asked_for()
    {
        _hotplug.Plug(2, new PlainPciDevice(), announce: true);
        _hotplug.Plug(3, new PlainPciDevice(), announce: true);
        _hotplug.RequestEject(3);
        _hotplug.Reset();
        Assert.Equal(3, Assert.Single(_ejected).Slot);
        Assert.Equal(0u, In32(PciHotplug.SummaryOffset));
        Assert.Equal(1u << 2, In32(PciHotplug.RemovableOffset));
    }

    [Fact]
    public void Saved_news_are_signalled()
    {
        _hotplug.Plug(2, new PlainPciDevice(), announce: true);
        _hotplug.Plug(3, new PlainPciDevice(), announce: true);
        _hotplug.RequestEject(3);
        PciHotplugState state = _hotplug.Save();
        RecordingInterruptLine line = new();
        PciMachine other = new();
        PciHotplug copy = new(other.Root, line, (_, _) => { });
        Assert.Throws<DeviceStateException>(() => copy.Restore(state));
        other.Root.Plug(2, new PlainPciDevice());
        other.Root.Plug(3, new PlainPciDevice());
        copy.Restore(state);
        Assert.Equal(1, line.Edges);
        Assert.Equal(state, copy.Save());
        Assert.True(copy.IsEjecting(3));
        Assert.Throws<DeviceStateException>(() => copy.Restore(state with { Version = 2 }));
        Assert.Throws<DeviceStateException>(() => copy.Restore(state with { Removable = 1 }));
    }

    [Fact]
    public void Any_access_is_answered_and_bits_are_of_devices_that_are_there() =>
        Gen.Select(Gen.ULong[0, 0x18], Gen.OneOf(1, 2, 4, 8), Gen.ULong, Gen.Int[0, 4]).Array[1, 100].Sample(steps =>
        {
            PciMachine machine = new();
            int plugged = 0;
            int gone = 0;
            PciHotplug hotplug = new(machine.Root, new RecordingInterruptLine(), (_, _) => gone++);
            foreach ((ulong offset, int length, ulong value, int what) in steps)
            {
                byte[] data = BitConverter.GetBytes(value)[..length];
                int slot = 1 + (int)(value % 31);
                switch (what)
                {
                    case 0:
                        hotplug.Read(offset, data);
                        break;
                    case 1:
                        hotplug.Write(offset, data);
                        break;
                    case 2:
                        hotplug.RequestEject(slot);
                        break;
                    case 3 when machine.Root[slot] is null:
                        hotplug.Plug(slot, new PlainPciDevice(), announce: value % 2 == 0);
                        plugged++;
                        break;
                    default:
                        break;
                }

                PciHotplugState state = hotplug.Save();
                Assert.Equal(0u, (state.Up | state.Down | state.Ejecting) & ~state.Removable);
                Assert.Equal(plugged - gone, System.Numerics.BitOperations.PopCount(state.Removable));
                for (int i = 1; i < 32; i++)
                {
                    Assert.Equal((state.Removable & (1u << i)) != 0, machine.Root[i] is not null);
                }
            }
        });

    [Fact]
    public void Reading_registers_allocates_nothing()
    {
        _hotplug.Plug(2, new PlainPciDevice(), announce: false);
        byte[] data = new byte[4];
        Assert.Equal(0, Allocations.Of(() =>
        {
            _hotplug.RequestEject(2);
            _hotplug.Read(PciHotplug.SummaryOffset, data);
            _hotplug.Read(PciHotplug.DownOffset, data);
        }));
    }

    private uint In32(ulong offset)
    {
        byte[] data = new byte[4];
        _hotplug.Read(offset, data);
        return BinaryPrimitives.ReadUInt32LittleEndian(data);
    }

    private void Out32(ulong offset, uint value) => _hotplug.Write(offset, BitConverter.GetBytes(value));

    private void Out8(ulong offset, byte value) => _hotplug.Write(offset, [value]);
}
