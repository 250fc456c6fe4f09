using StratoVirt.Devices.Virtio.Queue;
using StratoVirt.Testing.Virtio;
using Xunit;
using static StratoVirt.Testing.Virtio.SplitDriverQueue;

namespace StratoVirt.Devices.Tests.Virtio.Queue;

/// <summary>Every way a driver can break a split queue: the device stops with a name for it.</summary>
public sealed class MalformedSplitTests : IDisposable
{
    private const VirtqueueOptions Kind = VirtqueueOptions.Indirect;

    private readonly QueuePair _pair = new(Kind, size: 4);

    private SplitDriverQueue Driver => _pair.Split;

    public void Dispose() => _pair.Dispose();

    [Fact]
    public void A_chain_that_loops_ends()
    {
        Write(0, Ram, 16, Next, 1);
        Write(1, Ram, 16, Next, 0);
        Refused(VirtqueueFault.ChainTooLong);
    }

    [Fact]
    public void A_descriptor_that_follows_itself_ends()
    {
        Write(0, Ram, 0, Next, 0);
        Refused(VirtqueueFault.ChainTooLong);
    }

    [Fact]
    public void An_indirect_chain_longer_than_the_queue_ends()
    {
        Driver.Add([.. Enumerable.Range(0, 5).Select(_ => _pair.Memory.Writable(1))], indirect: true);
        Driver.Kick();
        Stopped(VirtqueueFault.ChainTooLong);
    }

    [Fact]
    public void A_chain_as_long_as_the_queue_is_legal_behind_direct_descriptors_too()
    {
        var table = _pair.Memory.Allocate(64);
        Write(0, Ram, 1, Next, 1);
        Write(1, table.Value, 48, Indirect, 0);
        for (int i = 0; i < 3; i++)
        {
            Driver.DescriptorAt(table, i) = new() { Address = Ram, Length = 1, Flags = (ushort)(i == 2 ? 0 : Next), Next = (ushort)(i + 1) };
        }

        Driver.AddRaw(0);
        Driver.Kick();
        Assert.Equal(4u, _pair.Pop().ReadableLength);
    }

    [Fact]
    public void An_indirect_table_counts_with_the_descriptors_before_it()
    {
        var table = _pair.Memory.Allocate(64);
        Write(0, Ram, 1, Next, 1);
        Write(1, table.Value, 64, Indirect, 0);
        for (int i = 0; i < 4; i++)
        {
            Driver.DescriptorAt(table, i) = new() { Address = Ram, Length = 1, Flags = (ushort)(i == 3 ? 0 : Next), Next = (ushort)(i + 1) };
        }

        Refused(VirtqueueFault.ChainTooLong);
    }

    [Fact]
    public void An_indirect_table_that_loops_ends()
    {
        var table = _pair.Memory.Allocate(32);
        Driver.DescriptorAt(table, 0) = new() { Address = Ram, Length = 1, Flags = Next, Next = 1 };
        Driver.DescriptorAt(table, 1) = new() { Address = Ram, Length = 1, Flags = Next, Next = 0 };
        Write(0, table.Value, 32, Indirect, 0);
        Refused(VirtqueueFault.ChainTooLong);
    }

    [Fact]
    public void An_indirect_table_holds_no_other()
    {
        var table = _pair.Memory.Allocate(32);
        Driver.DescriptorAt(table, 0) = new() { Address = table.Value, Length = 16, Flags = Indirect };
        Write(0, table.Value, 16, Indirect, 0);
        Refused(VirtqueueFault.BadIndirectTable);
    }

    [Theory]
    [InlineData(0u, Indirect, VirtqueueFault.BadIndirectTable)]
    [InlineData(24u, Indirect, VirtqueueFault.BadIndirectTable)]
    [InlineData(16u, Indirect | Next, VirtqueueFault.BadIndirectTable)]
    [InlineData(16u, Indirect | Write_, VirtqueueFault.None)]
    public void An_indirect_table_is_whole_and_last(uint length, int flags, VirtqueueFault expected)
    {
        var table = _pair.Memory.Allocate(32);
        Driver.DescriptorAt(table, 0) = new() { Address = Ram, Length = 1 };
        Write(0, table.Value, length, (ushort)flags, 0);
        Driver.AddRaw(0);
        Driver.Kick();
        Assert.Equal(expected == VirtqueueFault.None, _pair.Device.TryPop(out _));
        Assert.Equal(expected, _pair.Device.Fault);
    }

    [Fact]
    public void An_indirect_table_must_be_negotiated()
    {
        using QueuePair pair = new(VirtqueueOptions.None, size: 4);
        pair.Driver.Add([pair.Memory.Writable(1)], indirect: true);
        pair.Driver.Kick();
        Assert.False(pair.Device.TryPop(out _));
        Assert.Equal(VirtqueueFault.BadIndirectTable, pair.Device.Fault);
    }

    [Theory]
    [InlineData(0x8000_0000UL)]
    [InlineData(ulong.MaxValue - 15)]
    public void An_indirect_table_is_in_memory(ulong address)
    {
        Write(0, address, 64, Indirect, 0);
        Refused(VirtqueueFault.BadAddress);
    }

    [Fact]
    public void An_indirect_index_is_in_the_table()
    {
        var table = _pair.Memory.Allocate(32);
        Driver.DescriptorAt(table, 0) = new() { Address = Ram, Length = 1, Flags = Next, Next = 2 };
        Write(0, table.Value, 32, Indirect, 0);
        Refused(VirtqueueFault.BadDescriptorIndex);
    }

    [Theory]
    [InlineData(0UL, 1u)]
    [InlineData(0x8000_0000UL, 16u)]
    [InlineData(0xFFFF_FFFF_FFFF_FFF0UL, 0x20u)]
    [InlineData(ulong.MaxValue, 1u)]
    [InlineData(TestGuestMemory.DefaultStart + TestGuestMemory.DefaultLength - 8, 9u)]
    [InlineData(TestGuestMemory.DefaultStart, uint.MaxValue)]
    public void A_buffer_is_wholly_in_memory(ulong address, uint length)
    {
        Write(0, address, length, Write_, 0);
        Refused(VirtqueueFault.BadAddress);
    }

    [Fact]
    public void A_chain_is_shorter_than_4_GiB()
    {
        Write(0, Ram, 16, Next | Write_, 1);
        Write(1, Ram, uint.MaxValue - 15, Write_, 0);
        Refused(VirtqueueFault.ChainTooBig);
    }

    [Fact]
    public void Nothing_readable_follows_what_is_writable()
    {
        Write(0, Ram, 16, Next | Write_, 1);
        Write(1, Ram, 16, 0, 0);
        Refused(VirtqueueFault.ReadableBehindWritable);
    }

    [Fact]
    public void An_empty_buffer_counts_in_that_order()
    {
        Write(0, Ram, 0, Next | Write_, 1);
        Write(1, Ram, 16, 0, 0);
        Refused(VirtqueueFault.ReadableBehindWritable);
    }

    [Fact]
    public void An_empty_buffer_is_no_buffer()
    {
        Write(0, 0xDEAD_BEEF_0000, 0, Next, 1);
        Write(1, Ram, 16, 0, 0);
        Driver.AddRaw(0);
        Driver.Kick();
        DescriptorChain chain = _pair.Pop();
        Assert.Equal((16u, 1), (chain.ReadableLength, chain.Readable.Length));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(0xFFFF)]
    public void A_head_is_in_the_table(int head)
    {
        Driver.AddRaw((ushort)head);
        Driver.Kick();
        Stopped(VirtqueueFault.BadDescriptorIndex);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(0xFFFF)]
    public void A_next_index_is_in_the_table(int next)
    {
        Write(0, Ram, 16, Next, (ushort)next);
        Refused(VirtqueueFault.BadDescriptorIndex);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(0x8000)]
    [InlineData(0xFFFF)]
    public void The_available_index_is_not_further_than_the_queue_is_long(int index)
    {
        Driver.AvailableIndex = (ushort)index;
        Stopped(VirtqueueFault.BadAvailableIndex);
    }

    [Fact]
    public void The_device_never_holds_more_requests_than_the_queue_has_entries()
    {
        Write(0, Ram, 16, 0, 0);
        for (int i = 0; i < 4; i++)
        {
            Driver.AddRaw(0);
        }

        Driver.Kick();
        for (int i = 0; i < 4; i++)
        {
            _pair.Pop();
        }

        Driver.AddRaw(0);
        Driver.Kick();
        Stopped(VirtqueueFault.BufferInUse);
        Assert.Equal(4, _pair.Device.InFlight);
    }

    [Fact]
    public void A_broken_queue_stays_broken_and_still_takes_completions()
    {
        ushort id = _pair.Send(_pair.Memory.Writable(4));
        DescriptorChain held = _pair.Pop();
        Driver.AvailableIndex = 77;
        Stopped(VirtqueueFault.BadAvailableIndex);
        Driver.AvailableIndex = 1;
        Stopped(VirtqueueFault.BadAvailableIndex);
        Assert.False(_pair.Device.AllowNotifications());

        _pair.Device.Complete(held, 4);
        Assert.True(_pair.Device.Publish());
        Assert.Equal(new UsedElement(id, 4), Driver.Collect());
    }

    // An alias, because a test's attribute sees the method of that name first.
    private const ushort Write_ = SplitDriverQueue.Write;

    private static ulong Ram => TestGuestMemory.DefaultStart;

    private void Write(int number, ulong address, uint length, int flags, ushort next) => Driver.Descriptor(number) =
        new SplitTestDescriptor { Address = address, Length = length, Flags = (ushort)flags, Next = next };

    private void Refused(VirtqueueFault expected)
    {
        Driver.AddRaw(0);
        Driver.Kick();
        Stopped(expected);
    }

    private void Stopped(VirtqueueFault expected)
    {
        Assert.False(_pair.Device.TryPop(out _));
        Assert.Equal(expected, _pair.Device.Fault);
    }
}
