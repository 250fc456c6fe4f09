using StratoVirt.Devices.Virtio.Queue;
using StratoVirt.Testing;
using StratoVirt.Testing.Virtio;
using Xunit;

namespace StratoVirt.Devices.Tests.Virtio.Queue;

/// <summary>The loop every device serves its queues with.</summary>
public sealed class ServeRoundTests
{
    [Theory]
    [InlineData(VirtqueueOptions.None)]
    [InlineData(VirtqueueOptions.EventIndex)]
    [InlineData(VirtqueueOptions.Packed)]
    [InlineData(VirtqueueOptions.Packed | VirtqueueOptions.EventIndex)]
    public void A_storm_of_requests_ends_the_round_and_asks_for_another(VirtqueueOptions kind)
    {
        using DeviceUnderTest<LoopbackDevice> test = new(thread => new LoopbackDevice(thread) { RoundLength = 8 }, options: kind, listens: false);
        test.Device.Doorbells[0].Answer();
        for (int i = 0; i < 20; i++)
        {
            test.Queues[0].Add([test.Memory.Writable(1)]);
        }

        test.Queues[0].Kick();

        foreach (int expected in (int[])[8, 16])
        {
            test.Serve(0);
            Assert.Equal(expected, test.Device.Echoed);
            Assert.True(test.Device.Doorbells[0].Answer());
        }

        test.Serve(0);
        Assert.Equal(20, test.Device.Echoed);
        Assert.False(test.Device.Doorbells[0].Answer());
        test.Queues[0].Add([test.Memory.Writable(1)]);
        Assert.True(test.Queues[0].Kick());
    }

    [Fact]
    public void Rounds_follow_each_other_on_the_devices_thread_until_nothing_is_left()
    {
        using DeviceUnderTest<LoopbackDevice> test = new(thread => new LoopbackDevice(thread) { RoundLength = 3 });
        for (int i = 0; i < 40; i++)
        {
            test.Queues[0].Add([test.Memory.Writable(1)]);
        }

        test.Notify(0);
        SpinWait.SpinUntil(() => test.OnThread(() => test.Device.Echoed) == 40, TimeSpan.FromSeconds(30));
        for (int i = 0; i < 40; i++)
        {
            test.Queues[0].Collect();
        }

        Assert.Empty(test.Faults);
    }

    [Fact]
    public void A_storm_of_notifications_without_requests_costs_a_look_each()
    {
        using DeviceUnderTest<LoopbackDevice> test = new(thread => new LoopbackDevice(thread), listens: false);
        test.Device.Doorbells[0].Answer();
        for (int i = 0; i < 1000; i++)
        {
            test.Device.Doorbells[0].Ring();
            test.Serve(0);
        }

        Assert.Equal((0, 0), (test.Device.Echoed, test.Interrupts.Of(0)));
        Assert.True(test.Device.Doorbells[0].Answer());
        Assert.False(test.Device.Doorbells[0].Answer());
    }

    [Fact]
    public void What_the_device_cannot_take_waits_in_the_queue()
    {
        using DeviceUnderTest<LoopbackDevice> test = new(thread => new LoopbackDevice(thread) { HoldAtMost = 2 }, listens: false);
        ushort[] ids = [.. Enumerable.Range(0, 4).Select(_ => test.Queues[1].Add([test.Memory.Writable(1)]))];
        test.Queues[1].Kick();
        test.Serve(1);
        Assert.Equal((2, 2), (test.Device.Held, test.DeviceQueues[1]!.InFlight));

        for (int i = 0; i < 4; i++)
        {
            test.Device.CompleteHeld(0);
            Assert.Equal(ids[i], test.Queues[1].Collect().Id);
            test.Serve(1);
        }

        Assert.Equal(0, test.DeviceQueues[1]!.InFlight);
    }

    [Fact]
    public void A_broken_queue_stops_the_device_once()
    {
        using DeviceUnderTest<LoopbackDevice> test = new(thread => new LoopbackDevice(thread), listens: false);
        ((SplitDriverQueue)test.Queues[0]).AvailableIndex = 999;
        test.Serve(0);
        Assert.Contains(nameof(VirtqueueFault.BadAvailableIndex), test.Device.Fault, StringComparison.Ordinal);
        Assert.True(test.Interrupts.IsResetNeeded);
        int rounds = test.Device.Rounds;
        test.Serve(0);
        test.Serve(1);
        Assert.Equal(rounds, test.Device.Rounds);

        test.Device.Reset();
        test.Activate();
        Assert.Null(test.Device.Fault);
        Assert.Equal(3u, test.Request(0, test.Memory.Readable("abc"u8), test.Memory.Writable(5)));
    }

    [Fact]
    public void A_driver_at_work_on_its_queue_is_shown_what_is_done_before_the_round_ends()
    {
        int shown = 0;
        using DeviceUnderTest<LoopbackDevice> test = Shown(test => shown += test.Queues[0].TryCollect(out _) ? 1 : 0);
        test.Queues[0].DisableInterrupts();
        test.Serve(0);
        Assert.InRange(shown, 1, 30);
        Assert.Equal(0, test.Interrupts.Of(0));
    }

    [Theory]
    [InlineData(VirtqueueOptions.None)]
    [InlineData(VirtqueueOptions.EventIndex)]
    public void A_driver_that_waits_for_an_interrupt_is_interrupted_twice_a_round_at_most(VirtqueueOptions kind)
    {
        using DeviceUnderTest<LoopbackDevice> test = Shown(_ => { }, kind);
        test.Queues[0].EnableInterrupts();
        test.Serve(0);
        Assert.InRange(test.Interrupts.Of(0), 1, 2);
    }

    // Thirty requests, and a look of the driver's with each that is served.
    private static DeviceUnderTest<LoopbackDevice> Shown(
        Action<DeviceUnderTest<LoopbackDevice>> look, VirtqueueOptions kind = VirtqueueOptions.None)
    {
        DeviceUnderTest<LoopbackDevice> test = null!;
        test = new(thread => new LoopbackDevice(thread) { OnEcho = () => look(test) }, options: kind, listens: false);
        for (int i = 0; i < 30; i++)
        {
            test.Queues[0].Add([test.Memory.Writable(1)]);
        }

        test.Queues[0].Kick();
        return test;
    }

    [Fact]
    public void A_round_allocates_nothing()
    {
        using DeviceUnderTest<LoopbackDevice> test = new(thread => new LoopbackDevice(thread), listens: false);
        DriverBuffer[] buffers = [test.Memory.Readable("abcd"u8), test.Memory.Writable(4)];
        Assert.Equal(0, test.OnThread(() => Allocations.Of(() =>
        {
            test.Queues[0].Add(buffers);
            test.Queues[0].Add(buffers);
            test.Queues[0].Kick();
            test.Device.Serve(0);
            test.Queues[0].Collect();
            test.Queues[0].Collect();
        })));
    }
}
