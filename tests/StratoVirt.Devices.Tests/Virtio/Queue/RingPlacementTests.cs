using StratoVirt.Devices.Virtio.Queue;
using StratoVirt.Memory;
using StratoVirt.Testing.Virtio;
using Xunit;

namespace StratoVirt.Devices.Tests.Virtio.Queue;

/// <summary>Sizes and addresses a driver writes for a queue, before it is made.</summary>
public sealed class RingPlacementTests
{
    [Theory]
    [InlineData(VirtqueueOptions.None, 0, VirtqueueFault.BadSize)]
    [InlineData(VirtqueueOptions.None, 3, VirtqueueFault.BadSize)]
    [InlineData(VirtqueueOptions.None, 65535, VirtqueueFault.BadSize)]
    [InlineData(VirtqueueOptions.None, 1, VirtqueueFault.None)]
    [InlineData(VirtqueueOptions.None, 32768, VirtqueueFault.None)]
    [InlineData(VirtqueueOptions.Packed, 0, VirtqueueFault.BadSize)]
    [InlineData(VirtqueueOptions.Packed, 32769, VirtqueueFault.BadSize)]
    [InlineData(VirtqueueOptions.Packed, 3, VirtqueueFault.None)]
    [InlineData(VirtqueueOptions.Packed, 32768, VirtqueueFault.None)]
    public void A_size_is_one_the_ring_can_have(VirtqueueOptions kind, int size, VirtqueueFault expected)
    {
        using TestGuestMemory memory = new();
        VirtqueueSetup setup = new(0, (ushort)size, memory.Allocate(1 << 20), memory.Allocate(1 << 20), memory.Allocate(1 << 20));

        Assert.Equal(expected, Virtqueue.TryCreate(setup, kind, memory.Memory, out Virtqueue? queue));
        Assert.Equal(expected == VirtqueueFault.None, queue is not null);
    }

    [Theory]
    [InlineData(VirtqueueOptions.None, 8, 0, 0)]
    [InlineData(VirtqueueOptions.None, 0, 1, 0)]
    [InlineData(VirtqueueOptions.None, 0, 0, 2)]
    [InlineData(VirtqueueOptions.Packed, 8, 0, 0)]
    [InlineData(VirtqueueOptions.Packed, 0, 2, 0)]
    [InlineData(VirtqueueOptions.Packed, 0, 0, 2)]
    public void A_ring_is_aligned(VirtqueueOptions kind, ulong descriptors, ulong driver, ulong device)
    {
        using TestGuestMemory memory = new();
        VirtqueueSetup good = DriverQueue.Create(memory, 8, kind).Setup;
        VirtqueueSetup setup = good with
        {
            DescriptorArea = good.DescriptorArea + descriptors,
            DriverArea = good.DriverArea + driver,
            DeviceArea = good.DeviceArea + device,
        };

        Assert.Equal(VirtqueueFault.BadRing, Virtqueue.TryCreate(setup, kind, memory.Memory, out _));
    }

    [Theory]
    [InlineData(VirtqueueOptions.None)]
    [InlineData(VirtqueueOptions.Packed)]
    public void A_ring_is_wholly_in_memory(VirtqueueOptions kind)
    {
        using TestGuestMemory memory = new(
            new GuestRange(new GuestAddress(0x10_0000), 0x1_0000), new GuestRange(new GuestAddress(0x11_0000), 0x1000));
        VirtqueueSetup good = DriverQueue.Create(memory, 8, kind).Setup;

        // The first seam lies between two regions of RAM, the second between RAM and nothing.
        foreach (ulong address in (ulong[])[0, 0x10_FFF0, 0x11_0FF0, 0x11_1000, 0x8000_0000, ulong.MaxValue - 15])
        {
            GuestAddress bad = new(address);
            Assert.Equal(VirtqueueFault.BadRing, Virtqueue.TryCreate(good with { DescriptorArea = bad }, kind, memory.Memory, out _));
            if (kind == VirtqueueOptions.None || !memory.Memory.Contains(bad, 16))
            {
                Assert.Equal(VirtqueueFault.BadRing, Virtqueue.TryCreate(good with { DriverArea = bad }, kind, memory.Memory, out _));
                Assert.Equal(VirtqueueFault.BadRing, Virtqueue.TryCreate(good with { DeviceArea = bad }, kind, memory.Memory, out _));
            }
        }
    }

    [Fact]
    public void A_packed_position_outside_the_ring_is_not_restored()
    {
        using QueuePair pair = new(VirtqueueOptions.Packed, size: 8);
        Assert.Throws<DeviceStateException>(() => pair.Device.Restore(new VirtqueueState(8, 0)));
        Assert.Throws<DeviceStateException>(() => pair.Device.Restore(new VirtqueueState(0, 0x8008)));
        pair.Device.Restore(new VirtqueueState(0x8007, 7));
    }
}
