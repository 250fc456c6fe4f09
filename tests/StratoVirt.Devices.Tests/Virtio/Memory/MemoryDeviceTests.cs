using CsCheck;
using StratoVirt.Devices.Virtio.Memory;
using StratoVirt.Linux.Handles;
using StratoVirt.Memory;
using StratoVirt.Testing;
using StratoVirt.Testing.Virtio;
using Xunit;

namespace StratoVirt.Devices.Tests.Virtio.Memory;

public sealed class MemoryDeviceTests : IDisposable
{
    private const ulong Block = 2 << 20;
    private const int Blocks = 16;
    private const ulong Start = 0x1_4000_0000;
    private const ushort Plug = 0;
    private const ushort Unplug = 1;
    private const ushort UnplugAll = 2;
    private const ushort State = 3;
    private const ushort Acknowledged = 0;
    private const ushort Refused = 1;
    private const ushort Error = 3;

    private readonly GuestMemoryRegion _region = new(
        new GuestAddress(Start), MemoryMapping.CreateAnonymousAligned((nuint)(Blocks * Block), (nuint)Block), isAnonymous: true);

    private readonly DeviceUnderTest<MemoryDevice> _test;

    public MemoryDeviceTests() => _test = new DeviceUnderTest<MemoryDevice>(
        thread => new MemoryDevice(_region, Block, Blocks * Block / 2, thread), listens: false);

    public void Dispose()
    {
        _test.Dispose();
        _region.Dispose();
    }

    [Fact]
    public void The_configuration_describes_the_region_and_what_is_asked_for()
    {
        Assert.Equal(Block, Configuration(0));
        Assert.Equal(Start, Configuration(16));
        Assert.Equal(Blocks * Block, Configuration(24));
        Assert.Equal(Blocks * Block, Configuration(32));
        Assert.Equal(0u, Configuration(40));
        Assert.Equal(Blocks * Block / 2, Configuration(48));
    }

    [Fact]
    public void A_new_size_reaches_the_driver()
    {
        int before = _test.Interrupts.ConfigurationChanges;
        _test.Device.RequestedBytes = Block;
        Assert.Equal(before + 1, _test.Interrupts.ConfigurationChanges);
        Assert.Equal(Block, Configuration(48));
        Assert.Throws<ArgumentOutOfRangeException>(() => _test.Device.RequestedBytes = Block + 1);
        Assert.Throws<ArgumentOutOfRangeException>(() => _test.Device.RequestedBytes = (Blocks + 1) * Block);
        Assert.Equal(Block, _test.Device.RequestedBytes);
    }

    [Fact]
    public void Plugging_stops_at_what_was_asked_for()
    {
        Assert.Equal(Acknowledged, Ask(Plug, Start, 8).Type);
        Assert.Equal(8 * Block, Configuration(40));
        Assert.Equal(Refused, Ask(Plug, Start + (8 * Block), 1).Type);
        Assert.Equal(8 * Block, _test.Device.Metrics.PluggedBytes);
    }

    [Fact]
    public void Unplugged_memory_is_gone()
    {
        Ask(Plug, Start, 2);
        Assert.True(_region.TryGetSpan(Block, 8, out Span<byte> span));
        span.Fill(7);
        Assert.Equal(Acknowledged, Ask(Unplug, Start + Block, 1).Type);
        Assert.Equal(0, span[0]);
        Assert.Equal((Acknowledged, (ushort)2), Ask(State, Start, 2));
        Assert.Equal((Acknowledged, (ushort)0), Ask(State, Start, 1));
        Assert.Equal((Acknowledged, (ushort)1), Ask(State, Start + Block, 1));
        Assert.Equal(Acknowledged, Ask(UnplugAll, 0, 0).Type);
        Assert.Equal(0u, _test.Device.Metrics.PluggedBytes);
    }

    [Theory]
    [InlineData(Plug, Start - Block, 1)]
    [InlineData(Plug, Start + 1, 1)]
    [InlineData(Plug, Start, 0)]
    [InlineData(Plug, Start + (15 * Block), 2)]
    [InlineData(Plug, ulong.MaxValue - Block + 1, 2)]
    [InlineData(Unplug, Start, 1)]
    [InlineData(4, Start, 1)]
    [InlineData(65535, Start, 65535)]
    public void What_cannot_be_is_an_error_and_changes_nothing(int type, ulong address, int blocks)
    {
        Assert.Equal(Error, Ask((ushort)type, address, (ushort)blocks).Type);
        Assert.Equal(0u, _test.Device.Metrics.PluggedBytes);
        Assert.Null(_test.Device.Fault);
    }

    [Fact]
    public void Plugging_twice_is_an_error()
    {
        Ask(Plug, Start, 2);
        Assert.Equal(Error, Ask(Plug, Start + Block, 2).Type);
        Assert.Equal(2 * Block, _test.Device.Metrics.PluggedBytes);
    }

    [Fact]
    public void Any_requests_keep_to_a_model() => Gen.Select(Gen.UShort[0, 4], Gen.Int[-1, Blocks], Gen.UShort[0, 6]).List[1, 40].Sample(
        requests =>
        {
            Ask(UnplugAll, 0, 0);
            bool[] plugged = new bool[Blocks];
            foreach ((ushort type, int first, ushort count) in requests)
            {
                bool inside = first >= 0 && count > 0 && first + count <= Blocks;
                int already = inside ? plugged.AsSpan(first, count).Count(true) : 0;
                ushort expected = type switch
                {
                    UnplugAll => Acknowledged,
                    _ when !inside || type > State => Error,
                    Plug when already > 0 => Error,
                    Plug when plugged.AsSpan().Count(true) + count > Blocks / 2 => Refused,
                    Unplug when already != count => Error,
                    _ => Acknowledged,
                };
                Assert.Equal(expected, Ask(type, unchecked(Start + ((ulong)first * Block)), count).Type);
                if (expected == Acknowledged && type == UnplugAll)
                {
                    Array.Clear(plugged);
                }
                else if (expected == Acknowledged && type != State)
                {
                    plugged.AsSpan(first, count).Fill(type == Plug);
                }

                Assert.Equal((ulong)plugged.AsSpan().Count(true) * Block, _test.Device.Metrics.PluggedBytes);
            }
        },
        iter: 200,
        threads: 1);

    [Fact]
    public void State_round_trips_and_another_size_is_refused()
    {
        Ask(Plug, Start, 3);
        MemoryDeviceState state = _test.Device.Save();
        Ask(UnplugAll, 0, 0);
        _test.Device.Restore(state);
        Assert.Equal(3 * Block, _test.Device.Metrics.PluggedBytes);
        Assert.Equal((Acknowledged, (ushort)0), Ask(State, Start, 3));
        Assert.Throws<DeviceStateException>(() => _test.Device.Restore(state with { Version = 9 }));
        Assert.Throws<DeviceStateException>(() => _test.Device.Restore(state with { Plugged = [1UL << 20] }));
        Assert.Throws<DeviceStateException>(() => _test.Device.Restore(state with { RequestedBytes = Block * 17 }));
    }

    [Fact]
    public void A_request_allocates_nothing()
    {
        DriverBuffer[] buffers = [_test.Memory.Readable(Request(State, Start, 1)), _test.Memory.Writable(10)];
        Assert.Equal(0, _test.OnThread(() => Allocations.Of(() =>
        {
            _test.Queues[0].Add(buffers);
            _test.Queues[0].Kick();
            _test.Device.Serve(0);
            _test.Queues[0].TryCollect(out _);
        })));
    }

    private static byte[] Request(ushort type, ulong address, ushort blocks) =>
        [.. BitConverter.GetBytes((ulong)type), .. BitConverter.GetBytes(address), .. BitConverter.GetBytes((ulong)blocks)];

    private ulong Configuration(int offset)
    {
        byte[] value = new byte[8];
        _test.Device.ReadConfiguration(offset, value);
        return BitConverter.ToUInt64(value);
    }

    private (ushort Type, ushort State) Ask(ushort type, ulong address, ushort blocks)
    {
        DriverBuffer answer = _test.Memory.Writable(10);
        Assert.Equal(10u, _test.Request(0, _test.Memory.Readable(Request(type, address, blocks)), answer));
        Span<byte> bytes = _test.Memory.Span(answer);
        return (BitConverter.ToUInt16(bytes), BitConverter.ToUInt16(bytes[8..]));
    }
}
