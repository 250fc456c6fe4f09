using StratoVirt.Devices.Virtio.Queue;
using StratoVirt.Testing.Virtio;
using Xunit;

namespace StratoVirt.Devices.Tests.Virtio.Queue;

/// <summary>A device on a thread that looks at queues before it sleeps. On a host of one CPU none does, and all the same
/// every request is answered.</summary>
public sealed class PollingTests
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData(VirtqueueOptions.None)]
    [InlineData(VirtqueueOptions.EventIndex)]
    [InlineData(VirtqueueOptions.Packed)]
    [InlineData(VirtqueueOptions.Packed | VirtqueueOptions.EventIndex)]
    public void A_driver_that_asks_often_need_not_notify(VirtqueueOptions kind)
    {
        using DeviceUnderTest<LoopbackDevice> test = new(thread => new LoopbackDevice(thread), options: kind, longestPoll: Window);
        bool canPoll = Environment.ProcessorCount > 1;
        int quiet = 0;
        for (int i = 0; i < 200 || (canPoll && quiet == 0 && i < 20_000); i++)
        {
            quiet += Ask(test) ? 0 : 1;
        }

        Assert.Empty(test.Faults);
        Assert.Equal(canPoll, quiet > 0);
    }

    [Theory]
    [InlineData(VirtqueueOptions.None)]
    [InlineData(VirtqueueOptions.EventIndex)]
    [InlineData(VirtqueueOptions.Packed | VirtqueueOptions.EventIndex)]
    public void A_device_that_is_paused_looks_no_more_and_misses_nothing(VirtqueueOptions kind)
    {
        using DeviceUnderTest<LoopbackDevice> test = new(thread => new LoopbackDevice(thread), options: kind, longestPoll: Window);
        for (int round = 0; round < 50; round++)
        {
            for (int i = 0; i < 5; i++)
            {
                Ask(test);
            }

            test.Device.Pause();
            long before = test.Device.Echoed;
            test.Queues[0].Add([test.Memory.Writable(1)]);
            test.Notify(0);
            Thread.SpinWait(5000);
            Assert.Equal(before, test.Device.Echoed);
            test.Device.Resume();
            Await(test);
        }

        Assert.Empty(test.Faults);
    }

    [Fact]
    public void A_device_can_be_reset_and_used_again_while_its_queue_is_looked_at()
    {
        using DeviceUnderTest<LoopbackDevice> test = new(thread => new LoopbackDevice(thread), longestPoll: Window);
        for (int round = 0; round < 50; round++)
        {
            for (int i = 0; i < 5; i++)
            {
                Ask(test);
            }

            test.Device.Reset();
            test.Activate();
        }

        Assert.Empty(test.Faults);
    }

    // Whether the device had to be notified.
    private static bool Ask(DeviceUnderTest<LoopbackDevice> test)
    {
        test.Queues[0].Add([test.Memory.Writable(1)]);
        bool rung = test.Notify(0);
        Await(test);
        return rung;
    }

    private static void Await(DeviceUnderTest<LoopbackDevice> test) =>
        Assert.True(SpinWait.SpinUntil(() => test.Queues[0].TryCollect(out _), Patience));
}
