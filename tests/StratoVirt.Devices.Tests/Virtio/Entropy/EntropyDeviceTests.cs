using StratoVirt.Backends.Limits;
using StratoVirt.Devices.Virtio.Entropy;
using StratoVirt.Devices.Virtio.Queue;
using StratoVirt.Testing;
using StratoVirt.Testing.Virtio;
using Xunit;

namespace StratoVirt.Devices.Tests.Virtio.Entropy;

public sealed class EntropyDeviceTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    public static TheoryData<VirtqueueOptions> Kinds => new(
        VirtqueueOptions.None,
        VirtqueueOptions.EventIndex,
        VirtqueueOptions.Packed,
        VirtqueueOptions.Packed | VirtqueueOptions.EventIndex);

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Fills_every_buffer_of_a_request(VirtqueueOptions kind)
    {
        using DeviceUnderTest<EntropyDevice> test = Make(new ScriptedEntropy(), options: kind);
        DriverBuffer first = test.Memory.Writable(100);
        DriverBuffer second = test.Memory.Writable(33);
        Assert.Equal(133u, test.Request(0, first, second));
        Assert.False(test.Memory.Span(first).ContainsAnyExcept(ScriptedEntropy.Value));
        Assert.False(test.Memory.Span(second).ContainsAnyExcept(ScriptedEntropy.Value));
        Assert.Null(test.Memory.FirstDamage);
        Assert.Equal(new EntropyMetrics(1, 133, 0, 0, 0), test.Device.Metrics);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Goes_on_for_as_long_as_the_driver_asks(VirtqueueOptions kind)
    {
        using DeviceUnderTest<EntropyDevice> test = Make(new ScriptedEntropy(), options: kind);
        DriverBuffer buffer = test.Memory.Writable(64);
        for (int i = 0; i < 300; i++)
        {
            test.Queues[0].Add([buffer]);
            test.Notify(0);
            test.Settle();
            Assert.Equal(64u, test.Queues[0].Collect().Written);
        }
    }

    [Fact]
    public void Gives_no_more_than_the_limit_to_one_request()
    {
        using DeviceUnderTest<EntropyDevice> test = Make(
            new ScriptedEntropy(), configuration: new EntropyConfiguration { MostBytesPerRequest = 10 });
        DriverBuffer buffer = test.Memory.Writable(11);
        Assert.Equal(10u, test.Request(0, buffer));
        Assert.Equal(0, test.Memory.Span(buffer)[10]);
    }

    [Fact]
    public void A_request_without_room_is_given_back()
    {
        using DeviceUnderTest<EntropyDevice> test = Make(new ScriptedEntropy());
        Assert.Equal(0u, test.Request(0, test.Memory.Readable("not allowed"u8)));
        Assert.Equal(1, test.Device.Metrics.Empty);
    }

    [Fact]
    public void A_request_above_the_rate_waits()
    {
        ManualTimeProvider time = new(DateTimeOffset.UnixEpoch);
        RateLimiter limiter = new(new TokenRate(100_000), time: time);
        using DeviceUnderTest<EntropyDevice> test = Make(
            new ScriptedEntropy(), new EntropyConfiguration { MostBytesPerRequest = 100_000 }, limiter);
        Assert.Equal(100_000u, test.Request(0, test.Memory.Writable(100_000)));

        test.Queues[0].Add([test.Memory.Writable(10)]);
        test.Notify(0);
        test.Settle();
        Assert.False(test.Queues[0].TryCollect(out _));
        Assert.True(test.Device.Metrics.Throttled > 0);

        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(10u, Await(test).Written);
    }

    [Fact]
    public void A_dry_source_is_asked_again_and_is_not_paid_for_twice()
    {
        ManualTimeProvider time = new(DateTimeOffset.UnixEpoch);
        ScriptedEntropy source = new(0);
        using DeviceUnderTest<EntropyDevice> test = Make(source, limiter: new RateLimiter(new TokenRate(10), time: time));
        test.Queues[0].Add([test.Memory.Writable(10)]);
        test.Notify(0);
        test.Settle();
        Assert.False(test.Queues[0].TryCollect(out _));
        source.Add(4);
        Assert.Equal(4u, Await(test).Written);
        Assert.Equal(0, test.Device.Metrics.Throttled);
    }

    [Fact]
    public void A_reset_while_a_request_waits_leaves_guest_memory_alone()
    {
        ScriptedEntropy source = new(0);
        using DeviceUnderTest<EntropyDevice> test = Make(source);
        DriverBuffer buffer = test.Memory.Writable(8);
        test.Queues[0].Add([buffer]);
        test.Notify(0);
        test.Settle();
        test.Device.Reset();
        source.Add(100);
        test.Device.Doorbells[0].Ring();
        test.Settle();
        Assert.False(test.Memory.Span(buffer).ContainsAnyExcept((byte)0));

        test.Activate();
        Assert.Equal(8u, test.Request(0, test.Memory.Writable(8)));
    }

    [Fact]
    public void A_paused_device_holds_nothing_and_goes_on_afterwards()
    {
        ScriptedEntropy source = new(0);
        using DeviceUnderTest<EntropyDevice> test = Make(source);
        test.Queues[0].Add([test.Memory.Writable(8)]);
        test.Notify(0);
        test.Settle();
        test.Device.Pause();
        Assert.Equal(0, test.DeviceQueues[0]!.InFlight);
        test.DeviceQueues[0]!.Save();
        source.Add(100);
        test.Settle();
        Assert.False(test.Queues[0].TryCollect(out _));
        test.Device.Resume();
        Assert.Equal(8u, Await(test).Written);
    }

    [Fact]
    public void A_broken_queue_stops_the_device()
    {
        using DeviceUnderTest<EntropyDevice> test = Make(new ScriptedEntropy());
        test.Queues[0].Add([DriverBuffer.Writable(test.Memory.End, 1)]);
        test.Queues[0].Kick();
        test.Serve(0);
        Assert.NotNull(test.Device.Fault);
        Assert.True(test.Interrupts.IsResetNeeded);
    }

    [Fact]
    public void The_source_ends_with_the_device()
    {
        ScriptedEntropy source = new();
        Make(source).Dispose();
        Assert.True(source.IsDisposed);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_request_allocates_nothing(VirtqueueOptions kind)
    {
        using DeviceUnderTest<EntropyDevice> test = Make(new ScriptedEntropy(), options: kind, listens: false);
        DriverBuffer[] buffers = [test.Memory.Writable(64), test.Memory.Writable(64)];
        Assert.Equal(0, test.OnThread(() => Allocations.Of(() =>
        {
            test.Queues[0].Add(buffers);
            test.Queues[0].Kick();
            test.Device.Serve(0);
            test.Queues[0].Collect();
        })));
    }

    private static DeviceUnderTest<EntropyDevice> Make(
        ScriptedEntropy source,
        EntropyConfiguration? configuration = null,
        RateLimiter? limiter = null,
        VirtqueueOptions options = VirtqueueOptions.None,
        bool listens = true) => new(
            thread => new EntropyDevice(configuration ?? new EntropyConfiguration(), source, thread, limiter),
            options: options,
            listens: listens);

    private static UsedElement Await(DeviceUnderTest<EntropyDevice> test)
    {
        UsedElement used = default;
        Assert.True(SpinWait.SpinUntil(() => test.Queues[0].TryCollect(out used), Limit), "the request was not answered");
        return used;
    }
}
