using StratoVirt.Devices.Virtio.Balloon;
using StratoVirt.Memory;
using StratoVirt.Testing.Virtio;
using Xunit;

namespace StratoVirt.Devices.Tests.Virtio.Balloon;

public sealed class BalloonHintTests : IDisposable
{
    private const int Queue = 3;
    private const int CommandOffset = 8;

    private readonly DeviceUnderTest<BalloonDevice> _test = new(thread => new BalloonDevice(new BalloonConfiguration(), thread));
    private readonly Sink _sink = new();

    public void Dispose() => _test.Dispose();

    private uint Command => _test.ReadConfiguration<uint>(CommandOffset);

    [Fact]
    public void A_round_hears_what_belongs_to_it()
    {
        DriverBuffer early = Page();
        _test.Request(Queue, early);
        Assert.True(_test.Device.BeginHinting(_sink));
        Assert.Equal(2u, Command);
        Assert.Equal(1, _test.Interrupts.ConfigurationChanges);
        _test.Request(Queue, early);
        Send(7);
        _test.Request(Queue, early);
        Assert.Empty(_sink.Ranges);

        Send(2);
        DriverBuffer page = Page();
        _test.Memory.Span(page).Fill(9);
        _test.Request(Queue, page);
        Assert.Equal([new GuestRange(page.Address, 4096)], _sink.Ranges);
        Assert.Equal(9, _test.Memory.Span(page)[0]);
        Send(0);
        Assert.Equal(1, _sink.Ends);
        _test.Request(Queue, page);
        Assert.Single(_sink.Ranges);
        Assert.Equal(4096, _test.Device.Metrics.HintedBytes);
    }

    [Fact]
    public void The_end_is_told_and_nothing_more_is_heard()
    {
        _test.Device.BeginHinting(_sink);
        Send(2);
        _test.Device.EndHinting(again: true);
        Assert.Equal(0u, Command);
        _test.Request(Queue, Page());
        Assert.Empty(_sink.Ranges);

        _test.Device.BeginHinting(_sink);
        Assert.Equal(3u, Command);
        Send(2);
        _test.Request(Queue, Page());
        Assert.Empty(_sink.Ranges);
        Send(3);
        _test.Request(Queue, Page());
        Assert.Single(_sink.Ranges);
        _test.Device.EndHinting();
        Assert.Equal(1u, Command);
        Send(0);
        Assert.Equal(0, _sink.Ends);
    }

    [Fact]
    public void Garbage_is_counted()
    {
        _test.Device.BeginHinting(_sink);
        _test.Request(Queue, _test.Memory.Readable([2, 0, 0]));
        _test.Request(Queue, _test.Memory.Readable(new byte[5000]));
        Assert.Equal(2, _test.Device.Metrics.BadRequests);
        _test.Request(Queue, Page());
        Assert.Empty(_sink.Ranges);
    }

    [Fact]
    public void A_driver_that_cannot_is_not_asked()
    {
        using DeviceUnderTest<BalloonDevice> other = new(
            thread => new BalloonDevice(new BalloonConfiguration(), thread), features: 0);
        Assert.False(other.Device.CanHint);
        Assert.False(other.Device.BeginHinting(_sink));
        _test.Device.Reset();
        Assert.False(_test.Device.BeginHinting(_sink));
    }

    [Fact]
    public void A_round_does_not_outlive_its_machine()
    {
        _test.Device.BeginHinting(_sink);
        BalloonState state = _test.Device.Save();
        using DeviceUnderTest<BalloonDevice> other = new(
            thread => new BalloonDevice(new BalloonConfiguration(), thread), activate: false);
        other.Device.Restore(state);
        other.Activate();
        Assert.Equal(1u, other.ReadConfiguration<uint>(CommandOffset));
        Assert.Equal(1, other.Interrupts.ConfigurationChanges);
        other.Device.BeginHinting(_sink);
        Assert.Equal(3u, other.ReadConfiguration<uint>(CommandOffset));
    }

    private DriverBuffer Page() => DriverBuffer.Writable(_test.Memory.Allocate(4096, 4096), 4096);

    private void Send(uint command) => _test.Request(Queue, _test.Memory.Readable(command));

    private sealed class Sink : IFreePageHints
    {
        internal List<GuestRange> Ranges { get; } = [];

        internal int Ends { get; private set; }

        public void Hint(GuestRange range) => Ranges.Add(range);

        public void Finished() => Ends++;
    }
}
