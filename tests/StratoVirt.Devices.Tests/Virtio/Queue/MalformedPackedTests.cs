using StratoVirt.Devices.Virtio.Queue;
using StratoVirt.Memory;
using StratoVirt.Testing.Virtio;
using Xunit;

namespace StratoVirt.Devices.Tests.Virtio.Queue;

/// <summary>Every way a driver can break a packed queue, and the bits of the ring itself.</summary>
public sealed class MalformedPackedTests : IDisposable
{
    private const ushort Next = PackedDriverQueue.Next;
    private const ushort Writable = PackedDriverQueue.Write;
    private const ushort Indirect = PackedDriverQueue.Indirect;
    private const ushort Available = PackedDriverQueue.AvailableFlag;
    private const ushort Used = PackedDriverQueue.UsedFlag;

    private readonly QueuePair _pair = new(VirtqueueOptions.Packed | VirtqueueOptions.Indirect, size: 3);

    private PackedDriverQueue Driver => _pair.Packed;

    public void Dispose() => _pair.Dispose();

    [Fact]
    public void A_list_that_goes_round_ends()
    {
        for (int i = 0; i < 3; i++)
        {
            Driver.Descriptor(i) = new() { Address = Ram, Length = 1, Flags = Next | Available };
        }

        Stopped(VirtqueueFault.ChainTooLong);
    }

    [Fact]
    public void A_list_does_not_run_into_what_the_device_holds()
    {
        _pair.Send(_pair.Memory.Writable(1));
        DescriptorChain held = _pair.Pop();
        Driver.AddRaw(new() { Address = Ram, Length = 1, Flags = Next });
        Driver.AddRaw(new() { Address = Ram, Length = 1, Flags = Next });
        Driver.Descriptor(0) = new() { Address = Ram, Length = 1, Flags = Used };
        Driver.Kick();
        Stopped(VirtqueueFault.ChainTooLong);
        Assert.Equal(1, _pair.Device.InFlight);
        Assert.Equal(1u, held.WritableLength);
    }

    [Fact]
    public void The_device_never_holds_more_than_the_ring()
    {
        for (int i = 0; i < 3; i++)
        {
            _pair.Send(_pair.Memory.Writable(1));
            _pair.Pop();
        }

        Driver.Descriptor(0) = new() { Address = Ram, Length = 1, Flags = Used };
        Stopped(VirtqueueFault.BufferInUse);
    }

    [Fact]
    public void Completed_entries_are_the_devices_until_they_are_shown()
    {
        for (int i = 0; i < 3; i++)
        {
            _pair.Send(_pair.Memory.Writable(1));
            _pair.Device.Complete(_pair.Pop(), 0);
        }

        Driver.Descriptor(0) = new() { Address = Ram, Length = 1, Flags = Used };
        Stopped(VirtqueueFault.BufferInUse);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(Used)]
    [InlineData(Used | Available)]
    public void A_list_goes_on_only_in_what_was_made_available(int flags)
    {
        Driver.Descriptor(0) = new() { Address = Ram, Length = 1, Flags = Next | Available };
        Driver.Descriptor(1) = new() { Address = Ram, Length = 1, Flags = (ushort)flags };
        Stopped(VirtqueueFault.NotAvailable);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(Used)]
    [InlineData(Used | Available)]
    public void Nothing_is_there_until_the_flags_of_this_lap_say_so(int flags)
    {
        Driver.Descriptor(0) = new() { Address = ulong.MaxValue, Length = 1, Flags = (ushort)flags };
        Assert.False(_pair.Device.TryPop(out _));
        Assert.False(_pair.Device.AllowNotifications());
        Assert.Equal(VirtqueueFault.None, _pair.Device.Fault);
    }

    [Theory]
    [InlineData(0u, (int)Indirect, VirtqueueFault.BadIndirectTable)]
    [InlineData(17u, (int)Indirect, VirtqueueFault.BadIndirectTable)]
    [InlineData(16u, Indirect | Next, VirtqueueFault.BadIndirectTable)]
    [InlineData(64u, (int)Indirect, VirtqueueFault.ChainTooLong)]
    [InlineData(0xFFFF_FFF0u, (int)Indirect, VirtqueueFault.ChainTooLong)]
    [InlineData(16u, Indirect | Writable, VirtqueueFault.None)]
    public void An_indirect_table_is_whole_and_alone(uint length, int flags, VirtqueueFault expected)
    {
        GuestAddress table = _pair.Memory.Allocate(64);
        Driver.DescriptorAt(table, 0) = new() { Address = Ram, Length = 1 };
        Driver.AddRaw(new() { Address = table.Value, Length = length, Flags = (ushort)flags });
        Driver.Kick();
        Assert.Equal(expected == VirtqueueFault.None, _pair.Device.TryPop(out _));
        Assert.Equal(expected, _pair.Device.Fault);
    }

    [Fact]
    public void An_indirect_table_follows_no_descriptor()
    {
        GuestAddress table = _pair.Memory.Allocate(16);
        Driver.AddRaw(new() { Address = Ram, Length = 1, Flags = Next });
        Driver.AddRaw(new() { Address = table.Value, Length = 16, Flags = Indirect });
        Driver.Kick();
        Stopped(VirtqueueFault.BadIndirectTable);
    }

    [Fact]
    public void In_an_indirect_table_only_the_write_flag_means_anything()
    {
        GuestAddress table = _pair.Memory.Allocate(32);
        Driver.DescriptorAt(table, 0) = new() { Address = Ram, Length = 1, Flags = Indirect | Next | Used | Available };
        Driver.DescriptorAt(table, 1) = new() { Address = Ram, Length = 2, Flags = Writable | Indirect };
        Driver.AddRaw(new() { Address = table.Value, Length = 32, Flags = Indirect });
        Driver.Kick();
        DescriptorChain chain = _pair.Pop();
        Assert.Equal((1u, 2u), (chain.ReadableLength, chain.WritableLength));
    }

    [Theory]
    [InlineData(0x8000_0000UL)]
    [InlineData(0xFFFF_FFFF_FFFF_FFF8UL)]
    public void Tables_and_buffers_are_in_memory(ulong address)
    {
        Driver.AddRaw(new() { Address = address, Length = 32, Flags = Indirect });
        Driver.Kick();
        Stopped(VirtqueueFault.BadAddress);

        using QueuePair direct = new(VirtqueueOptions.Packed, size: 3);
        direct.Send(DriverBuffer.Writable(new GuestAddress(address), 32));
        Assert.False(direct.Device.TryPop(out _));
        Assert.Equal(VirtqueueFault.BadAddress, direct.Device.Fault);
    }

    [Fact]
    public void Nothing_readable_follows_what_is_writable()
    {
        _pair.Send(_pair.Memory.Writable(1), _pair.Memory.Readable("a"u8));
        Stopped(VirtqueueFault.ReadableBehindWritable);
    }

    [Fact]
    public void An_empty_buffer_counts_in_that_order()
    {
        Driver.AddRaw(new() { Address = Ram, Length = 0, Flags = Next | Writable });
        Driver.AddRaw(new() { Address = Ram, Length = 16 });
        Driver.Kick();
        Stopped(VirtqueueFault.ReadableBehindWritable);
    }

    [Fact]
    public void An_empty_buffer_is_no_buffer()
    {
        Driver.AddRaw(new() { Address = 0xDEAD_BEEF_0000, Length = 0, Flags = Next });
        Driver.AddRaw(new() { Address = Ram, Length = 16 });
        Driver.Kick();
        DescriptorChain chain = _pair.Pop();
        Assert.Equal((16u, 1), (chain.ReadableLength, chain.Readable.Length));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_list_is_shorter_than_4_GiB(bool isIndirect)
    {
        using QueuePair pair = new(VirtqueueOptions.Packed | VirtqueueOptions.Indirect, size: 4);
        pair.Driver.Add(
            [DriverBuffer.Writable(new GuestAddress(Ram), 16), DriverBuffer.Writable(new GuestAddress(Ram), uint.MaxValue - 15)],
            isIndirect);
        pair.Driver.Kick();
        Assert.False(pair.Device.TryPop(out _));
        Assert.Equal(VirtqueueFault.ChainTooBig, pair.Device.Fault);
    }

    [Fact]
    public void A_list_longer_than_the_queue_ends()
    {
        DriverBuffer[] buffers = [.. Enumerable.Repeat(DriverBuffer.Writable(new GuestAddress(Ram), 1), 4)];
        _pair.Driver.Add(buffers, indirect: true);
        _pair.Driver.Kick();
        Stopped(VirtqueueFault.ChainTooLong);
    }

    [Fact]
    public void A_used_descriptor_has_the_bits_of_its_lap()
    {
        for (int lap = 0; lap < 4; lap++)
        {
            int entry = lap * 2 % 3;
            bool wrap = lap * 2 / 3 % 2 == 0;
            ushort id = _pair.Send(_pair.Memory.Writable(4), _pair.Memory.Writable(4));
            _pair.Device.Complete(_pair.Pop(), lap == 3 ? 0u : 5);
            _pair.Device.Publish();

            PackedTestDescriptor used = Driver.Descriptor(entry);
            Assert.Equal((id, lap == 3 ? 0u : 5), (used.Id, used.Length));
            Assert.Equal((wrap ? Available | Used : 0) | (lap == 3 ? 0 : Writable), used.Flags);
            Driver.Collect();
        }
    }

    [Fact]
    public void The_first_of_a_batch_is_shown_last()
    {
        _pair.Send(_pair.Memory.Writable(1));
        _pair.Send(_pair.Memory.Writable(1));
        _pair.Device.Complete(_pair.Pop(), 1);
        _pair.Device.Complete(_pair.Pop(), 1);
        Assert.Equal(Available | Writable, Driver.Descriptor(0).Flags);
        Assert.Equal(Available | Used | Writable, Driver.Descriptor(1).Flags);
        _pair.Device.Publish();
        Assert.Equal(Available | Used | Writable, Driver.Descriptor(0).Flags);
    }

    [Theory]
    [InlineData(3, true)]
    [InlineData(PackedDriverQueue.EventDescriptor, true)]
    [InlineData(PackedDriverQueue.EventEnable | 0xFFFC, true)]
    [InlineData(PackedDriverQueue.EventDisable | 0xFFFC, false)]
    public void Flags_no_driver_should_write_ask_for_an_interrupt(int flags, bool expected)
    {
        Driver.DriverEventFlags = (ushort)flags;
        Driver.DriverEvent = 0xFFFF;
        _pair.Send(_pair.Memory.Writable(1));
        _pair.Device.Complete(_pair.Pop(), 1);
        Assert.Equal(expected, _pair.Device.Publish());
    }

    private static ulong Ram => TestGuestMemory.DefaultStart;

    private void Stopped(VirtqueueFault expected)
    {
        Assert.False(_pair.Device.TryPop(out _));
        Assert.Equal(expected, _pair.Device.Fault);
    }
}
