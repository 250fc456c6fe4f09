using StratoVirt.Devices.Bus;
using StratoVirt.Testing;
using Xunit;

namespace StratoVirt.Devices.Tests.Bus;

public sealed class IoBusTests
{
    [Fact]
    public void Delivers_offsets_not_addresses()
    {
        IoBus bus = IoBus.ForMemory();
        EchoDevice device = new(0x5A);
        bus.Add(0xFEB0_0000, 0x1000, "device", device);
        byte[] data = [1, 2, 3, 4];

        Assert.True(bus.Write(0xFEB0_0010, data));
        Assert.Equal(0x10UL, device.LastOffset);
        Assert.Equal(data, device.LastWrite[..4]);
        Assert.True(bus.Read(0xFEB0_0FFC, data));
        Assert.Equal(0xFFCUL, device.LastOffset);
        Assert.Equal([0x5A, 0x5A, 0x5A, 0x5A], data);
        Assert.Equal(default, bus.Metrics);
    }

    [Fact]
    public void Unclaimed_reads_give_ones_and_are_counted()
    {
        IoBus bus = IoBus.ForPorts();
        EchoDevice device = new();
        bus.Add(0x10, 4, "device", device);
        byte[] data = new byte[4];

        Assert.False(bus.Read(0x20, data));
        Assert.Equal([0xFF, 0xFF, 0xFF, 0xFF], data);
        Assert.False(bus.Read(0x12, data));
        Assert.Equal([0xFF, 0xFF, 0xFF, 0xFF], data);
        Assert.False(bus.Write(0x0E, data));
        Assert.Equal(new BusMetrics(2, 1, 0x0E), bus.Metrics);
        Assert.Equal(0UL, device.LastOffset);
    }

    [Fact]
    public void Ports_end_at_64_ki()
    {
        IoBus bus = IoBus.ForPorts();
        bus.Add(0xFFFF, 1, "last", new EchoDevice());

        Assert.Throws<ArgumentOutOfRangeException>(() => bus.Add(0xFFFE, 3, "over", new EchoDevice()));
    }

    [Fact]
    public void Accesses_allocate_nothing()
    {
        IoBus bus = IoBus.ForPorts();
        for (ulong i = 0; i < 16; i++)
        {
            bus.Add(i * 16, 8, $"device{i}", new EchoDevice());
        }

        byte[] data = new byte[4];
        Assert.Equal(0, Allocations.Of(() =>
        {
            bus.Read(0x30, data);
            bus.Write(0x42, data);
            bus.Read(0x38, data);
            bus.Write(0x6000, data);
        }));
    }

    /// <summary>While one thread plugs and unplugs, the others always reach the devices that stay, and of the one
    /// that moves either the whole or nothing.</summary>
    [Fact]
    public void Readers_never_see_a_half_changed_map()
    {
        const int Rounds = 20_000;
        IoBus bus = IoBus.ForMemory();
        bus.Add(0x1000, 16, "low", new EchoDevice(1));
        bus.Add(0x3000, 16, "high", new EchoDevice(3));
        bool done = false;
        int wrong = 0;
        Thread[] readers = new Thread[2];
        for (int i = 0; i < readers.Length; i++)
        {
            readers[i] = new Thread(() =>
            {
                byte[] data = new byte[4];
                while (!Volatile.Read(ref done))
                {
                    bool fine = bus.Read(0x1000, data) && data[0] == 1;
                    fine &= bus.Read(0x300C, data) && data[3] == 3;
                    fine &= bus.Read(0x2000, data) ? data[0] == 2 : data[0] == 0xFF;
                    if (!fine)
                    {
                        Interlocked.Increment(ref wrong);
                    }
                }
            });
            readers[i].Start();
        }

        EchoDevice moving = new(2);
        for (int i = 0; i < Rounds; i++)
        {
            bus.Add(0x2000, 16, "moving", moving);
            bus.Remove(0x2000);
        }

        Volatile.Write(ref done, true);
        Array.ForEach(readers, reader => reader.Join());
        Assert.Equal(0, wrong);
        Assert.Equal(2, bus.Map.Mappings.Length);
    }

    [Fact]
    public void Concurrent_changes_are_all_kept()
    {
        IoBus bus = IoBus.ForPorts();
        Parallel.For(0, 200, i => bus.Add((ulong)i * 8, 8, $"device{i}", new EchoDevice()));

        Assert.Equal(200, bus.Map.Mappings.Length);
        Parallel.For(0, 200, i => bus.Remove((ulong)i * 8));
        Assert.True(bus.Map.Mappings.IsEmpty);
    }
}
