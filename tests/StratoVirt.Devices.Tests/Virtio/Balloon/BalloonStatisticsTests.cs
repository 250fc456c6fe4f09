using System.Buffers.Binary;
using StratoVirt.Devices.Virtio.Balloon;
using StratoVirt.Devices.Virtio.Queue;
using StratoVirt.Testing;
using StratoVirt.Testing.Virtio;
using Xunit;

namespace StratoVirt.Devices.Tests.Virtio.Balloon;

public sealed class BalloonStatisticsTests : IDisposable
{
    private const int Queue = 2;

    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private readonly DeviceUnderTest<BalloonDevice> _test = Make();

    public void Dispose() => _test.Dispose();

    [Fact]
    public void A_report_is_kept_until_the_next_is_wanted()
    {
        Assert.Null(_test.Device.Statistics);
        Offer((4, 1000), (5, 2000), (15, 3));
        Assert.False(_test.Queues[Queue].TryCollect(out _));
        Assert.Equal(
            new BalloonStatistics { ReceivedAt = Now, FreeMemory = 1000, TotalMemory = 2000, DirectReclaims = 3 },
            _test.Device.Statistics);

        _test.Device.RequestStatistics();
        Assert.Equal(0u, _test.Queues[Queue].Collect().Written);
        Assert.Equal(1, _test.Interrupts.Of(Queue));
        Offer((4, 999));
        Assert.Equal(999u, _test.Device.Statistics!.FreeMemory);
        Assert.Null(_test.Device.Statistics.TotalMemory);
        Assert.Equal(2, _test.Device.Metrics.StatisticsReports);
    }

    [Fact]
    public void A_second_buffer_waits_for_the_first()
    {
        Offer((4, 1));
        Offer((4, 2));
        Assert.Equal(1u, _test.Device.Statistics!.FreeMemory);
        Assert.False(_test.Queues[Queue].TryCollect(out _));
        _test.Device.RequestStatistics();
        Assert.Equal(2u, _test.Device.Statistics!.FreeMemory);
        _test.Queues[Queue].Collect();
        Assert.False(_test.Queues[Queue].TryCollect(out _));
    }

    [Fact]
    public void Garbage_is_ignored()
    {
        Offer((16, 1), (ushort.MaxValue, 2), (4, 5), (4, 6));
        Assert.Equal(new BalloonStatistics { ReceivedAt = Now, FreeMemory = 6 }, _test.Device.Statistics);
        _test.Device.RequestStatistics();
        Offer(_test.Memory.Readable(new byte[9]));
        Assert.Equal(new BalloonStatistics { ReceivedAt = Now }, _test.Device.Statistics);
        _test.Device.RequestStatistics();
        Offer(_test.Memory.Writable(100));
        Assert.Equal(new BalloonStatistics { ReceivedAt = Now }, _test.Device.Statistics);
        _test.Device.RequestStatistics();
        Offer(_test.Memory.Readable(new byte[100_000]));
        Assert.Equal(0u, _test.Device.Statistics!.SwapIn);
        Assert.Null(_test.Device.Fault);
    }

    [Fact]
    public void The_timer_asks_by_itself()
    {
        _test.Device.StatisticsInterval = TimeSpan.FromMilliseconds(1);
        for (int i = 0; i < 3; i++)
        {
            Offer((4, (ulong)i));
            Assert.True(SpinWait.SpinUntil(() => _test.Queues[Queue].TryCollect(out _), TimeSpan.FromSeconds(20)));
        }

        _test.Device.StatisticsInterval = TimeSpan.Zero;
        Assert.Equal(3, _test.Device.Metrics.StatisticsReports);
    }

    [Theory]
    [InlineData(VirtqueueOptions.None)]
    [InlineData(VirtqueueOptions.Packed)]
    public void A_pause_gives_the_buffer_back_and_takes_it_again(VirtqueueOptions kind)
    {
        using DeviceUnderTest<BalloonDevice> test = Make(kind);
        Offer(test, Report(test, (4, 1)));
        Assert.Equal(1, test.DeviceQueues[Queue]!.InFlight);
        test.Device.Pause();
        test.DeviceQueues[Queue]!.Save();
        test.Device.RequestStatistics();
        Assert.False(test.Queues[Queue].TryCollect(out _));
        test.Device.Resume();
        test.Settle();
        test.Device.RequestStatistics();
        test.Queues[Queue].Collect();
    }

    [Fact]
    public void A_reset_forgets_guest_and_buffer()
    {
        Offer((4, 1));
        _test.Device.Reset();
        Assert.Null(_test.Device.Statistics);
        _test.Device.RequestStatistics();
        Assert.False(_test.Queues[Queue].TryCollect(out _));
    }

    [Fact]
    public void A_reset_of_the_queue_forgets_the_buffer()
    {
        Offer((4, 1));
        _test.Device.ReplaceQueue(Queue, null);
        _test.Device.RequestStatistics();
        Assert.False(_test.Queues[Queue].TryCollect(out _));
    }

    private static DeviceUnderTest<BalloonDevice> Make(VirtqueueOptions kind = VirtqueueOptions.None) => new(
        thread => new BalloonDevice(new BalloonConfiguration(), thread, new ManualTimeProvider(Now)), options: kind);

    private static DriverBuffer Report(DeviceUnderTest<BalloonDevice> test, params (ushort Tag, ulong Value)[] entries)
    {
        byte[] report = new byte[10 * entries.Length];
        for (int i = 0; i < entries.Length; i++)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(report.AsSpan(10 * i), entries[i].Tag);
            BinaryPrimitives.WriteUInt64LittleEndian(report.AsSpan((10 * i) + 2), entries[i].Value);
        }

        return test.Memory.Readable(report);
    }

    private static void Offer(DeviceUnderTest<BalloonDevice> test, DriverBuffer report)
    {
        test.Queues[Queue].Add([report]);
        test.Notify(Queue);
        test.Settle();
    }

    private void Offer(params (ushort Tag, ulong Value)[] entries) => Offer(_test, Report(_test, entries));

    private void Offer(DriverBuffer report) => Offer(_test, report);
}
