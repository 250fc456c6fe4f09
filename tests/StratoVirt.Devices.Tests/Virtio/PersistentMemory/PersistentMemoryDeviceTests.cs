using StratoVirt.Backends.Memory;
using StratoVirt.Devices.Virtio.PersistentMemory;
using StratoVirt.Linux;
using StratoVirt.Memory;
using StratoVirt.Testing;
using StratoVirt.Testing.Virtio;
using Xunit;

namespace StratoVirt.Devices.Tests.Virtio.PersistentMemory;

public sealed class PersistentMemoryDeviceTests : IDisposable
{
    private static readonly GuestRange Range = new(new GuestAddress(0x1_4000_0000), 64 << 20);

    private readonly RecordingFile _file = new();
    private readonly DeviceUnderTest<PersistentMemoryDevice> _test;

    public PersistentMemoryDeviceTests() =>
        _test = new DeviceUnderTest<PersistentMemoryDevice>(thread => new PersistentMemoryDevice(Range, _file, thread), listens: false);

    public void Dispose() => _test.Dispose();

    [Fact]
    public void The_configuration_says_where_the_file_is()
    {
        byte[] space = new byte[16];
        _test.Device.ReadConfiguration(0, space);
        Assert.Equal(Range.Start.Value, BitConverter.ToUInt64(space, 0));
        Assert.Equal(Range.Length, BitConverter.ToUInt64(space, 8));
    }

    [Fact]
    public void A_flush_reaches_the_file_before_it_is_answered()
    {
        Assert.Equal(0u, Flush(BitConverter.GetBytes(0u)));
        Assert.Equal(1, _file.Flushes);
        Assert.Equal(new PersistentMemoryMetrics(1, 0, null), _test.Device.Metrics);
    }

    [Fact]
    public void A_flush_that_fails_is_answered_so_and_the_reason_kept()
    {
        _file.Answer = Errno.InputOutput;
        Assert.Equal(uint.MaxValue, Flush(BitConverter.GetBytes(0u)));
        Assert.Equal(1, _test.Device.Metrics.Failures);
        Assert.Contains("InputOutput", _test.Device.Metrics.LastError);
        Assert.Null(_test.Device.Fault);
    }

    [Theory]
    [InlineData(new byte[] { 1, 0, 0, 0 })]
    [InlineData(new byte[] { 0, 0, 0 })]
    public void What_is_no_flush_fails_and_touches_nothing(byte[] request)
    {
        Assert.Equal(uint.MaxValue, Flush(request));
        Assert.Equal(0, _file.Flushes);
    }

    [Fact]
    public void A_request_without_room_for_an_answer_is_given_back()
    {
        Assert.Equal(0u, _test.Request(0, _test.Memory.Readable(BitConverter.GetBytes(0u))));
        Assert.Null(_test.Device.Fault);
        Assert.Null(_test.Memory.FirstDamage);
    }

    [Fact]
    public void Flushing_allocates_nothing()
    {
        DriverBuffer request = _test.Memory.Readable(BitConverter.GetBytes(0u));
        DriverBuffer answer = _test.Memory.Writable(4);
        DriverBuffer[] buffers = [request, answer];
        Assert.Equal(0, _test.OnThread(() => Allocations.Of(() =>
        {
            _test.Queues[0].Add(buffers);
            _test.Queues[0].Kick();
            _test.Device.Serve(0);
            _test.Queues[0].TryCollect(out _);
        })));
    }

    private uint Flush(byte[] request)
    {
        DriverBuffer answer = _test.Memory.Writable(4);
        Assert.Equal(4u, _test.Request(0, _test.Memory.Readable(request), answer));
        return BitConverter.ToUInt32(_test.Memory.Span(answer));
    }

    private sealed class RecordingFile : IPersistentFile
    {
        public int Flushes { get; private set; }

        public Errno Answer { get; set; }

        public Errno Flush()
        {
            Flushes++;
            return Answer;
        }

        public void Dispose()
        {
        }
    }
}
