using CsCheck;
using StratoVirt.Devices.Virtio.Queue;
using StratoVirt.Memory;
using StratoVirt.Testing.Virtio;
using Xunit;

namespace StratoVirt.Devices.Tests.Virtio.Queue;

/// <summary>Rings that hold anything: a queue ends with a fault or with chains that lie in guest memory.</summary>
public sealed class HostileMemoryTests
{
    private static readonly Gen<VirtqueueOptions> Kinds = Gen.Select(Gen.Bool, Gen.Bool).Select((packed, events) =>
        VirtqueueOptions.Indirect | (packed ? VirtqueueOptions.Packed : 0) | (events ? VirtqueueOptions.EventIndex : 0));

    // Small numbers are indexes and lengths, those near the RAM addresses, and single bits flags.
    private static readonly Gen<ulong> Words = Gen.Frequency(
        (3, Gen.ULong[0, 20]),
        (3, Gen.ULong[TestGuestMemory.DefaultStart, TestGuestMemory.DefaultStart + 0x3000]),
        (2, Gen.Int[0, 63].Select(bit => 1UL << bit)),
        (2, Gen.ULong));

    [Fact]
    public void Any_bytes_in_the_rings_give_checked_chains_or_a_fault() =>
        Gen.Select(Kinds, Gen.Select(Gen.Int[0, 2], Gen.Int[0, 60], Words).Array[1, 60]).Sample(
            (kind, writes) =>
            {
                using QueuePair pair = new(kind, size: 4);
                foreach ((int area, int at, ulong word) in writes)
                {
                    Span<byte> bytes = area switch
                    {
                        0 => pair.Driver.DescriptorArea,
                        1 => pair.Driver.DriverArea,
                        _ => pair.Driver.DeviceArea,
                    };
                    BitConverter.GetBytes(word).AsSpan(0, Math.Min(8, bytes.Length - (at % bytes.Length))).CopyTo(bytes[(at % bytes.Length)..]);
                    Serve(pair);
                }
            },
            iter: 2000);

    [Fact]
    public void A_guest_that_writes_while_the_device_walks_gains_nothing()
    {
        foreach (VirtqueueOptions kind in (VirtqueueOptions[])[VirtqueueOptions.Indirect, VirtqueueOptions.Packed | VirtqueueOptions.Indirect])
        {
            using TestGuestMemory memory = new();
            VirtqueueSetup setup = DriverQueue.Create(memory, 8, kind).Setup;
            bool done = false;
            Thread guest = new(() =>
            {
                Random random = new(1);
                while (!Volatile.Read(ref done))
                {
                    Span<byte> ring = memory.Span(random.Next(3) == 0 ? setup.DriverArea : setup.DescriptorArea, 4 * (random.Next(4) + 1));
                    random.NextBytes(ring);
                    ulong address = TestGuestMemory.DefaultStart + TestGuestMemory.DefaultLength - (ulong)random.Next(32);
                    _ = memory.Memory.TryWrite(setup.DescriptorArea + (16 * (ulong)random.Next(8)), address);
                }
            });
            guest.Start();
            try
            {
                for (int i = 0; i < 20_000; i++)
                {
                    Assert.Equal(VirtqueueFault.None, Virtqueue.TryCreate(setup, kind, memory.Memory, out Virtqueue? queue));
                    Serve(queue!, memory);
                }
            }
            finally
            {
                Volatile.Write(ref done, true);
                guest.Join();
            }
        }
    }

    private static void Serve(QueuePair pair) => Serve(pair.Device, pair.Memory);

    private static void Serve(Virtqueue queue, TestGuestMemory memory)
    {
        for (int i = 0; i < 12 && queue.TryPop(out DescriptorChain? chain); i++)
        {
            Assert.InRange(queue.InFlight, 1, queue.Size);
            AssertInMemory(chain.Readable, memory);
            AssertInMemory(chain.Writable, memory);
            if (i % 3 != 0)
            {
                queue.Complete(chain, 1);
            }
        }

        queue.Publish();
        queue.AllowNotifications();
    }

    private static void AssertInMemory(ReadOnlySpan<GuestBuffer> buffers, TestGuestMemory memory)
    {
        GuestMemoryRegion region = memory.Memory.Regions[0];
        foreach (GuestBuffer buffer in buffers)
        {
            Assert.InRange(buffer.HostAddress, region.HostAddress, region.HostAddress + (nint)region.Range.Length);
            Assert.InRange(buffer.Length, 1, (int)(region.HostAddress + (nint)region.Range.Length - buffer.HostAddress));
        }
    }
}
