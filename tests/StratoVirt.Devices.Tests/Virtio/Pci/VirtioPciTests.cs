using StratoVirt.Devices.Tests.Pci;
using StratoVirt.Devices.Virtio;
using StratoVirt.Devices.Virtio.Transport;
using StratoVirt.Testing;
using StratoVirt.Testing.Virtio;
using Xunit;

namespace StratoVirt.Devices.Tests.Virtio.Pci;

public sealed class VirtioPciTests : IDisposable
{
    private const ushort NoVector = 0xFFFF;

    private readonly VirtioPciMachine _machine = new();

    private VirtioPciDriver Driver => _machine.Driver;

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void It_says_what_it_is()
    {
        Assert.Equal(0x1041_1AF4u, Driver.Function.Read<uint>(0));
        Assert.Equal(1, Driver.Function.Read<byte>(8));
        Assert.Equal(0, Driver.Function.Read<byte>(0x3D));
        Driver.Probe(VirtioPciMachine.Place);
        Assert.True(Driver.Has(4));
        Assert.Equal(2, Driver.Read<ushort>(VirtioPciRegister.QueueCount));
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(VirtioFeatures.IndirectDescriptors)]
    [InlineData(VirtioFeatures.EventIndex | VirtioFeatures.IndirectDescriptors)]
    public void A_driver_drives_it(ulong features)
    {
        Driver.Start(VirtioPciMachine.Place, features);
        Assert.Equal(3, Driver.Vectors);
        for (int queue = 0; queue < 2; queue++)
        {
            for (int i = 0; i < 100; i++)
            {
                Driver.Queues[queue]!.Add([_machine.Memory.Readable([1, 2, 3])]);
                Assert.True(Driver.Kick(queue));
                Assert.True(_machine.Serve(queue));
                Driver.Queues[queue]!.Collect();
                Driver.Queues[queue]!.EnableInterrupts();
            }

            Assert.InRange(_machine.Triggers(queue), 1, 100);
        }

        Assert.Equal(0, _machine.Triggers(2));
        Assert.Equal(0, Driver.TakeInterrupt());
        Assert.Null(_machine.Memory.FirstDamage);
    }

    [Fact]
    public void Each_queue_interrupts_by_its_vector_with_the_drivers_message()
    {
        Driver.Start(VirtioPciMachine.Place);
        _machine.Transport.UsedBuffers(1);
        Assert.Equal([0, 1, 0], Enumerable.Range(0, 3).Select(_machine.Triggers));
        _machine.Device.Announce();
        Assert.Equal([0, 1, 1], Enumerable.Range(0, 3).Select(_machine.Triggers));
        Assert.Equal(2, Driver.TakeInterrupt());
        Assert.Equal(VirtioPciDriver.Message(1), (_machine.Machine.Router.Routes[1].Address, _machine.Machine.Router.Routes[1].Data));
    }

    [Fact]
    public void Without_MSIX_the_interrupt_status_is_all_there_is()
    {
        Driver.Probe(VirtioPciMachine.Place);
        _machine.Transport.UsedBuffers(0);
        Assert.Equal(1, Driver.TakeInterrupt());
        Assert.Equal(0, Driver.TakeInterrupt());
        Assert.All(_machine.Machine.Router.Routes, route => Assert.Equal(0, route.Triggers));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(0x7FF)]
    [InlineData(0x8000)]
    [InlineData(NoVector)]
    public void A_vector_that_does_not_exist_is_not_mapped(int vector)
    {
        Driver.Start(VirtioPciMachine.Place);
        Driver.Write(VirtioPciRegister.ConfigurationVector, (ushort)vector);
        Driver.Write(VirtioPciRegister.QueueSelect, (ushort)1);
        Driver.Write(VirtioPciRegister.QueueVector, (ushort)vector);
        Assert.Equal(NoVector, Driver.Read<ushort>(VirtioPciRegister.ConfigurationVector));
        Assert.Equal(NoVector, Driver.Read<ushort>(VirtioPciRegister.QueueVector));
        _machine.Transport.UsedBuffers(1);
        _machine.Device.Announce();
        Assert.All(_machine.Machine.Router.Routes, route => Assert.Equal(0, route.Triggers));
    }

    [Fact]
    public void Queues_notify_at_addresses_of_their_own()
    {
        Driver.Probe(VirtioPciMachine.Place);
        Assert.Equal(_machine.Transport.NotifyAddress, Driver.NotifyAddress(0));
        Assert.Equal(_machine.Transport.NotifyAddress + VirtioPci.NotifyStride, Driver.NotifyAddress(1));
        Driver.Notify(1);
        Assert.False(_machine.Device.Doorbells[0].Answer());
        Assert.True(_machine.Device.Doorbells[1].Answer());

        // No queue 2; the driver's value does not matter, its address does.
        Driver.Function.WriteMemory(Driver.NotifyAddress(1) + 4, (ushort)0);
        Driver.Function.WriteMemory(Driver.NotifyAddress(1), uint.MaxValue);
        Assert.False(_machine.Device.Doorbells[0].Answer());
        Assert.True(_machine.Device.Doorbells[1].Answer());
    }

    [Fact]
    public void Whoever_listens_is_told_when_the_notifications_move()
    {
        List<ulong?> places = [];
        _machine.Transport.NotifyAddressChanged += () => places.Add(_machine.Transport.NotifyAddress);
        Driver.Probe(VirtioPciMachine.Place);
        Driver.Function.PlaceBar(0, PciMachine.LowWindow);
        _machine.Machine.Root.Unplug(VirtioPciMachine.Slot);
        const ulong notify = 0x3000;
        Assert.Equal([VirtioPciMachine.Place + notify, null, PciMachine.LowWindow + notify, null], places);
    }

    [Fact]
    public void Features_are_shown_in_windows()
    {
        Driver.Probe(VirtioPciMachine.Place);
        Assert.Equal(VirtioFeatures.Common | (1 << 5), Driver.ReadOffered());
        Driver.Write(VirtioPciRegister.DeviceFeatureSelect, 2u);
        Assert.Equal(0u, Driver.Read<uint>(VirtioPciRegister.DeviceFeature));
        Assert.Equal(2u, Driver.Read<uint>(VirtioPciRegister.DeviceFeatureSelect));
        Assert.False(Driver.Negotiate(1));
        Driver.Write(VirtioPciRegister.DriverFeatureSelect, 0u);
        Assert.Equal(1u, Driver.Read<uint>(VirtioPciRegister.DriverFeature));
    }

    [Fact]
    public void A_queue_can_be_reset_and_enabled_anew()
    {
        Driver.Start(VirtioPciMachine.Place);
        Driver.ResetQueue(1);
        Assert.Equal(NoVector, Driver.Read<ushort>(VirtioPciRegister.QueueVector));
        Assert.Null(_machine.Device.Activation!.Queues[1]);
        Driver.Enable(1, 8);
        Assert.Equal(8, _machine.Device.Activation!.Queues[1]!.Size);
        Driver.Queues[1]!.Add([_machine.Memory.Writable(4)]);
        Driver.Kick(1);
        Assert.True(_machine.Serve(1));
        Driver.Queues[1]!.Collect();
        Assert.Equal(1, _machine.Triggers(1));
    }

    [Fact]
    public void A_queue_reset_needs_its_feature_and_a_queue()
    {
        Driver.Start(VirtioPciMachine.Place, ~VirtioFeatures.QueueReset);
        Driver.Write(VirtioPciRegister.QueueSelect, (ushort)0);
        Driver.Write(VirtioPciRegister.QueueReset, (ushort)1);
        Assert.NotNull(_machine.Device.Activation!.Queues[0]);
        Driver.Write(VirtioPciRegister.QueueSelect, (ushort)2);
        Driver.Write(VirtioPciRegister.QueueReset, (ushort)1);
        Assert.Equal(0, Driver.ReadQueueSize(2));
        Assert.Equal(NoVector, Driver.Read<ushort>(VirtioPciRegister.QueueVector));
    }

    [Fact]
    public void An_enabled_queue_keeps_its_addresses_which_may_be_written_whole()
    {
        Driver.Start(VirtioPciMachine.Place);
        Driver.Write(VirtioPciRegister.QueueSelect, (ushort)0);
        ulong before = Driver.Read<ulong>(VirtioPciRegister.QueueDescriptor);
        Driver.Write(VirtioPciRegister.QueueDescriptor, ulong.MaxValue);
        Assert.Equal(before, Driver.Read<ulong>(VirtioPciRegister.QueueDescriptor));
        Assert.Equal((uint)before, Driver.Read<uint>(VirtioPciRegister.QueueDescriptor));
        Driver.Reset();
        Driver.Write(VirtioPciRegister.QueueDescriptor, 0x1234_5678_9ABC_DEF0UL);
        Assert.Equal(0x1234_5678u, Driver.Read<uint>(VirtioPciRegister.QueueDescriptor + 4));
    }

    [Fact]
    public void The_drivers_reset_unmaps_vectors_and_leaves_the_function_alone()
    {
        Driver.Start(VirtioPciMachine.Place);
        Driver.Reset();
        Assert.Null(_machine.Device.Activation);
        Assert.Equal(NoVector, Driver.Read<ushort>(VirtioPciRegister.ConfigurationVector));
        Assert.NotNull(_machine.Transport.NotifyAddress);
        Assert.True(_machine.Transport.Msix.IsEnabled);
        Driver.Start(VirtioPciMachine.Place);
        _machine.Transport.UsedBuffers(0);
        Assert.Equal(1, _machine.Triggers(0));
    }

    [Fact]
    public void The_machines_reset_leaves_nothing()
    {
        Driver.Start(VirtioPciMachine.Place);
        Driver.Function.Mask(VirtioPciMachine.Place, 0, masked: true);
        _machine.Transport.UsedBuffers(0);
        _machine.Machine.Root.Reset();
        Assert.Null(_machine.Device.Activation);
        Assert.Null(_machine.Transport.NotifyAddress);
        Assert.False(_machine.Transport.Msix.IsEnabled);
        Assert.All(_machine.Machine.Router.Routes, route => Assert.True(route.IsMasked));
        Driver.Start(VirtioPciMachine.Place);
        Assert.Equal(0, _machine.Triggers(0));
    }

    [Fact]
    public void Configuration_space_is_read_in_one_generation_and_zero_behind_its_end()
    {
        Driver.Start(VirtioPciMachine.Place);
        Assert.Equal(0x0807_0605_0403_0201UL, Driver.ReadConfiguration<ulong>(0));
        Assert.Equal(0UL, Driver.ReadConfiguration<ulong>(12));
        Driver.WriteConfiguration(8, (ushort)0xBEEF);
        Assert.Equal(0xEF, _machine.Device.Configuration[8]);
        byte generation = Driver.Read<byte>(VirtioPciRegister.Generation);
        for (int i = 0; i < 256; i++)
        {
            _machine.Device.Announce();
        }

        // 256 changes are one the driver can see, not none.
        Assert.NotEqual(generation, Driver.Read<byte>(VirtioPciRegister.Generation));
    }

    [Fact]
    public void A_device_without_configuration_has_no_structure_for_it()
    {
        using VirtioPciMachine other = new(configurationLength: 0);
        other.Driver.Start(VirtioPciMachine.Place);
        Assert.False(other.Driver.Has(4));
    }

    [Fact]
    public void The_window_reaches_what_the_base_address_register_shows_without_being_mapped()
    {
        Driver.Probe(VirtioPciMachine.Place);
        Driver.Function.SetDecode(false);
        Driver.WriteWindow(VirtioPciRegister.Status, 1, 3);
        Assert.Equal(3u, (byte)Driver.ReadWindow(VirtioPciRegister.Status, 1));
        Assert.Equal(2u, (ushort)Driver.ReadWindow(VirtioPciRegister.QueueCount, 2));
        Driver.WriteWindow(0x3004, 2, 1);
        Assert.True(_machine.Device.Doorbells[1].Answer());
        foreach ((uint offset, uint length) in new[] { (0u, 0u), (0u, 3u), (1u, 2u), (0x1_0000u, 4u), (uint.MaxValue, 1u), (0u, 8u), (0u, 0x104u) })
        {
            Driver.WriteWindow(offset, length, 0x55AA_55AA);
            Assert.Equal(0x55AA_55AAu, Driver.ReadWindow(offset, length));
        }
    }

    [Fact]
    public void A_failed_device_says_so_by_its_configuration_vector()
    {
        Driver.Start(VirtioPciMachine.Place);
        _machine.Device.Break();
        Assert.True(Driver.Status.HasFlag(VirtioStatus.NeedsReset));
        Assert.Equal(1, _machine.Triggers(2));
    }

    [Fact]
    public void A_saved_function_interrupts_and_notifies_where_it_did()
    {
        Driver.Start(VirtioPciMachine.Place);
        Driver.Function.Mask(VirtioPciMachine.Place, 1, masked: true);
        _machine.Transport.UsedBuffers(1);
        VirtioPciState state = _machine.Transport.SaveRegisters();
        using VirtioPciMachine other = new();
        other.Transport.RestoreRegisters(state);
        Assert.Equal(_machine.Transport.NotifyAddress, other.Transport.NotifyAddress);
        other.Transport.UsedBuffers(0);
        Assert.Equal([1, 0, 0], Enumerable.Range(0, 3).Select(other.Triggers));
        other.Machine.Driver(VirtioPciMachine.Slot).Mask(VirtioPciMachine.Place, 1, masked: false);
        Assert.Equal([1, 1, 0], Enumerable.Range(0, 3).Select(other.Triggers));
        Assert.Equal(VirtioPciDriver.Message(1).Data, other.Machine.Router.Routes[1].Data);
        Assert.Throws<DeviceStateException>(() => other.Transport.RestoreRegisters(state with { QueueVectors = [] }));
        Assert.Throws<DeviceStateException>(() => other.Transport.RestoreRegisters(state with { Version = 2 }));
    }

    [Fact]
    public void Notifying_and_interrupting_allocate_nothing()
    {
        Driver.Start(VirtioPciMachine.Place);
        byte[] data = [0, 0];
        ulong notify = _machine.Transport.NotifyAddress!.Value;
        Assert.Equal(0, Allocations.Of(() =>
        {
            _machine.Machine.Memory.Write(notify, data);
            _machine.Transport.UsedBuffers(0);
            _machine.Transport.UsedBuffers(1);
        }));
    }
}
