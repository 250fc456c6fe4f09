using StratoVirt.Devices.Virtio.Queue;
using StratoVirt.Memory;
using StratoVirt.Testing;
using StratoVirt.Testing.Virtio;
using Xunit;

namespace StratoVirt.Devices.Tests.Virtio.Queue;

/// <summary>What a device may rely on, whichever kind of ring was negotiated.</summary>
public sealed class VirtqueueTests
{
    public static TheoryData<VirtqueueOptions> Kinds =>
    [
        VirtqueueOptions.None,
        VirtqueueOptions.EventIndex,
        VirtqueueOptions.Indirect | VirtqueueOptions.EventIndex,
        VirtqueueOptions.Packed,
        VirtqueueOptions.Packed | VirtqueueOptions.EventIndex,
        VirtqueueOptions.Packed | VirtqueueOptions.Indirect | VirtqueueOptions.EventIndex,
    ];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_request_shows_its_parts_in_order(VirtqueueOptions kind)
    {
        using QueuePair pair = new(kind);
        DriverBuffer answer = pair.Memory.Writable(5), status = pair.Memory.Writable(1);
        ushort id = pair.Driver.Add(
            [pair.Memory.Readable("head"u8), pair.Memory.Readable("er"u8), answer, status], kind.HasFlag(VirtqueueOptions.Indirect));

        Assert.False(pair.Device.TryPop(out _));
        Assert.True(pair.Driver.Kick());
        DescriptorChain chain = pair.Pop();

        Assert.Equal((6u, 6u, 2, 2), (chain.ReadableLength, chain.WritableLength, chain.Readable.Length, chain.Writable.Length));
        byte[] read = new byte[6];
        Assert.Equal(5, chain.Read(1, read));
        Assert.Equal("eader\0"u8, read);
        Assert.Equal(4, chain.Write(2, "12345"u8));
        pair.Device.Complete(chain, 6);
        Assert.False(pair.Driver.TryCollect(out _));
        Assert.True(pair.Device.Publish());
        Assert.Equal(new UsedElement(id, 6), pair.Driver.Collect());
        Assert.Equal("\0\0123"u8, pair.Memory.Span(answer));
        Assert.Equal("4"u8, pair.Memory.Span(status));
        Assert.Null(pair.Memory.FirstDamage);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Requests_complete_in_any_order_and_are_shown_together(VirtqueueOptions kind)
    {
        using QueuePair pair = new(kind, size: 8);
        for (int lap = 0; lap < 20; lap++)
        {
            ushort[] ids = [.. Enumerable.Range(0, 3).Select(i => pair.Send(
                [.. Enumerable.Range(0, i + 1).Select(_ => pair.Memory.Writable(8))]))];
            DescriptorChain[] chains = [pair.Pop(), pair.Pop(), pair.Pop()];
            Assert.Equal(3, pair.Device.InFlight);
            foreach (int i in (int[])[1, 2, 0])
            {
                pair.Device.Complete(chains[i], (uint)i);
                Assert.False(pair.Driver.TryCollect(out _));
            }

            pair.Device.Publish();
            Assert.Equal(new UsedElement(ids[1], 1), pair.Driver.Collect());
            Assert.Equal(new UsedElement(ids[2], 2), pair.Driver.Collect());
            Assert.Equal(new UsedElement(ids[0], 0), pair.Driver.Collect());
            Assert.Equal((0, 8), (pair.Device.InFlight, pair.Driver.FreeDescriptors));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void What_was_put_back_comes_again(VirtqueueOptions kind)
    {
        using QueuePair pair = new(kind, size: 4);
        for (byte lap = 0; lap < 9; lap++)
        {
            pair.Send(pair.Memory.Readable([lap]), pair.Memory.Writable(1));
            pair.Send(pair.Memory.Readable([(byte)(lap + 100)]));
            DescriptorChain first = pair.Pop(), second = pair.Pop();
            Assert.Throws<InvalidOperationException>(() => pair.Device.Return(first));
            pair.Device.Return(second);
            pair.Device.Return(first);
            Assert.Throws<InvalidOperationException>(() => pair.Device.Return(first));

            foreach (byte expected in (byte[])[lap, (byte)(lap + 100)])
            {
                DescriptorChain chain = pair.Pop();
                Assert.True(chain.TryRead(0, out byte content));
                Assert.Equal(expected, content);
                pair.Device.Complete(chain, 0);
            }

            pair.Device.Publish();
            pair.Driver.Collect();
            pair.Driver.Collect();
            Assert.False(pair.Driver.TryCollect(out _));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Nothing_is_given_back_twice(VirtqueueOptions kind)
    {
        using QueuePair pair = new(kind), other = new(kind);
        pair.Send(pair.Memory.Writable(4));
        pair.Send(pair.Memory.Writable(4));
        DescriptorChain first = pair.Pop(), second = pair.Pop();

        pair.Device.Complete(second, 0);

        Assert.Throws<InvalidOperationException>(() => pair.Device.Complete(second, 0));
        Assert.Throws<InvalidOperationException>(() => pair.Device.Return(second));
        Assert.Throws<InvalidOperationException>(() => pair.Device.Return(first));
        Assert.Throws<InvalidOperationException>(() => other.Device.Complete(first, 0));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_used_length_is_no_longer_than_the_writable_part(VirtqueueOptions kind)
    {
        using QueuePair pair = new(kind);
        pair.Send(pair.Memory.Readable("abc"u8), pair.Memory.Writable(2));
        pair.Device.Complete(pair.Pop(), uint.MaxValue);
        pair.Device.Publish();
        Assert.Equal(2u, pair.Driver.Collect().Written);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_buffer_over_two_regions_is_two_parts(VirtqueueOptions kind)
    {
        using TestGuestMemory memory = new(
            new GuestRange(new GuestAddress(0x10_0000), 0x10_0000), new GuestRange(new GuestAddress(0x20_0000), 0x1000));
        using QueuePair pair = new(kind, memory: memory);
        GuestAddress seam = new(memory.End.Value - 4);
        pair.Send(DriverBuffer.Writable(seam, 8));

        DescriptorChain chain = pair.Pop();

        Assert.Equal((8u, 2), (chain.WritableLength, chain.Writable.Length));
        Assert.True(chain.TryWrite(0, 0x8877_6655_4433_2211));
        Assert.True(memory.Memory.TryRead(seam, out ulong seen));
        Assert.Equal(0x8877_6655_4433_2211, seen);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_driver_is_asked_to_notify_only_while_that_is_allowed(VirtqueueOptions kind)
    {
        using QueuePair pair = new(kind);
        for (int lap = 0; lap < 40; lap++)
        {
            Assert.False(pair.Device.AllowNotifications());
            pair.Driver.Add([pair.Memory.Writable(1)]);
            Assert.True(pair.Driver.Kick());
            pair.Device.SuppressNotifications();
            pair.Driver.Add([pair.Memory.Writable(1)]);
            Assert.False(pair.Driver.Kick());
            Assert.True(pair.Device.AllowNotifications());

            pair.Device.Complete(pair.Pop(), 0);
            pair.Device.Complete(pair.Pop(), 0);
            pair.Device.Publish();
            pair.Driver.Collect();
            pair.Driver.Collect();
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Interrupts_come_when_the_driver_wants_them(VirtqueueOptions kind)
    {
        using QueuePair pair = new(kind);
        for (int lap = 0; lap < 40; lap++)
        {
            pair.Driver.DisableInterrupts();
            Assert.False(Complete(pair, 1));
            pair.Driver.EnableInterrupts();
            Assert.False(pair.Device.Publish());
            Assert.True(Complete(pair, 1));
            pair.Driver.EnableInterrupts();
            Assert.True(Complete(pair, 3));
            if (kind.HasFlag(VirtqueueOptions.EventIndex))
            {
                pair.Driver.EnableInterrupts(after: 2);
                Assert.False(Complete(pair, 2));
                Assert.True(Complete(pair, 1));
                Assert.False(Complete(pair, 1));
            }
        }

        static bool Complete(QueuePair pair, int requests)
        {
            for (int i = 0; i < requests; i++)
            {
                pair.Send(pair.Memory.Writable(1));
                pair.Device.Complete(pair.Pop(), 1);
            }

            bool wanted = pair.Device.Publish();
            while (pair.Driver.TryCollect(out _))
            {
            }

            return wanted;
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_restored_queue_goes_on_where_it_stood(VirtqueueOptions kind)
    {
        using QueuePair pair = new(kind, size: 4);
        for (byte lap = 0; lap < 11; lap++)
        {
            ushort id = pair.Send(pair.Memory.Readable([lap]), pair.Memory.Writable(1), pair.Memory.Writable(1));
            pair.SaveAndRestore();
            DescriptorChain chain = pair.Pop();
            Assert.Throws<InvalidOperationException>(() => pair.Device.Save());
            Assert.True(chain.TryRead(0, out byte content));
            Assert.Equal(lap, content);
            pair.Device.Complete(chain, 2);
            Assert.Throws<InvalidOperationException>(() => pair.Device.Save());
            pair.Device.Publish();
            pair.SaveAndRestore();
            Assert.Equal(new UsedElement(id, 2), pair.Driver.Collect());
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Serving_allocates_nothing(VirtqueueOptions kind)
    {
        using QueuePair pair = new(kind);
        bool indirect = kind.HasFlag(VirtqueueOptions.Indirect);
        DriverBuffer[] buffers = [pair.Memory.Readable("abcd"u8), pair.Memory.Writable(300), pair.Memory.Writable(1)];
        byte[] data = new byte[300];

        long allocated = Allocations.Of(() =>
        {
            pair.Driver.Add(buffers, indirect);
            pair.Driver.Add(buffers, indirect);
            pair.Driver.Kick();
            pair.Device.SuppressNotifications();
            DescriptorChain first = pair.Pop(), second = pair.Pop();
            first.Read(0, data);
            first.Write(0, data);
            pair.Device.Return(second);
            second = pair.Pop();
            pair.Device.Complete(second, 300);
            pair.Device.Complete(first, 300);
            pair.Device.Publish();
            pair.Device.AllowNotifications();
            pair.Driver.Collect();
            pair.Driver.Collect();
        });

        Assert.Equal(0, allocated);
    }
}
