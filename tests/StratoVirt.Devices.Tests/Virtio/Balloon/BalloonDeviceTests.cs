using System.Buffers.Binary;
using System.Runtime.InteropServices;
using CsCheck;
using StratoVirt.Devices.Virtio.Balloon;
using StratoVirt.Devices.Virtio.Queue;
using StratoVirt.Memory;
using StratoVirt.Testing;
using StratoVirt.Testing.Virtio;
using Xunit;

namespace StratoVirt.Devices.Tests.Virtio.Balloon;

public sealed class BalloonDeviceTests : IDisposable
{
    private const int Inflate = 0;
    private const int Deflate = 1;
    private const int Reporting = 4;
    private const int Page = 4096;
    private const ulong PagePoison = 1 << 4;

    private readonly DeviceUnderTest<BalloonDevice> _test = Make();

    public void Dispose() => _test.Dispose();

    [Fact]
    public void The_target_is_told_and_the_answer_heard()
    {
        int told = 0;
        _test.Device.ActualChanged += () => told++;
        _test.Device.TargetBytes = 5 * Page;
        Assert.Equal(1, _test.Interrupts.ConfigurationChanges);
        Assert.Equal(5u, _test.ReadConfiguration<uint>(0));
        _test.WriteConfiguration(4, 3u);
        Assert.Equal(3u * Page, _test.Device.ActualBytes);
        Assert.Equal(1, told);

        _test.Device.TargetBytes = (5 * Page) + 1;
        Assert.Equal(1, _test.Interrupts.ConfigurationChanges);
        Assert.Throws<ArgumentOutOfRangeException>(() => _test.Device.TargetBytes = (1UL << 44));
    }

    [Fact]
    public void A_driver_writes_only_what_is_its_own()
    {
        _test.Device.TargetBytes = Page;
        foreach (int field in (int[])[0, 8, 12])
        {
            _test.WriteConfiguration(field, uint.MaxValue);
        }

        Assert.Equal(1u, _test.ReadConfiguration<uint>(0));
        Assert.Equal(0u, _test.ReadConfiguration<uint>(8));
        Assert.Equal(0u, _test.ReadConfiguration<uint>(12));
        Assert.Equal(0u, _test.ReadConfiguration<uint>(4));
    }

    [Fact]
    public void Pages_go_back_to_the_host_and_their_neighbours_stay()
    {
        uint first = Fill(8);
        Request(Inflate, first + 1, first + 2, first + 5);
        Assert.Equal([false, true, true, false, false, true, false, false], Cleared(first, 8));
        BalloonMetrics metrics = _test.Device.Metrics;
        Assert.Equal(3 * Page, metrics.ReleasedBytes);
        Assert.Equal(3, metrics.InflatedPages);

        Request(Deflate, first + 1);
        Assert.Equal(1, _test.Device.Metrics.DeflatedPages);
        Assert.Equal(0, _test.Device.Metrics.BadPages);
    }

    [Fact]
    public void What_is_given_back_is_what_was_named_in_whatever_order()
    {
        uint first = Fill(64);
        Gen.Int[-8, 71].Array[1, 100].Sample(
            pages =>
            {
                _test.Memory.Span(Address(first), 64 * Page).Fill(1);
                Request(Inflate, [.. pages.Select(page => page is >= 0 and < 64 ? first + (uint)page : 0xFFFF_FF00 + (uint)(page + 8))]);
                return Cleared(first, 64).SequenceEqual(Enumerable.Range(0, 64).Select(pages.Contains));
            },
            iter: 200,
            threads: 1);
    }

    [Fact]
    public void Pages_that_are_no_ram_are_counted_and_hurt_nobody()
    {
        Request(Inflate, 0, 1, (uint)(_test.Memory.End.Value / Page), uint.MaxValue, uint.MaxValue - 1);
        Assert.Equal(5, _test.Device.Metrics.BadPages);
        Assert.Equal(0, _test.Device.Metrics.ReleasedBytes);
        Assert.Null(_test.Device.Fault);
    }

    [Fact]
    public void A_torn_page_number_is_left_out()
    {
        uint first = Fill(1);
        byte[] torn = new byte[7];
        BinaryPrimitives.WriteUInt32LittleEndian(torn, first);
        _test.Request(Inflate, _test.Memory.Readable(torn));
        Assert.Equal([true], Cleared(first, 1));
        Assert.Equal(1, _test.Device.Metrics.BadRequests);
        _test.Request(Inflate, _test.Memory.Readable([1, 2, 3]));
        _test.Request(Inflate, _test.Memory.Writable(8));
        Assert.Equal(3, _test.Device.Metrics.BadRequests);
    }

    [Fact]
    public void One_request_names_so_many_pages_and_no_more()
    {
        uint[] numbers = new uint[10_000];
        _test.Request(Inflate, _test.Memory.Readable(MemoryMarshal.AsBytes(numbers.AsSpan())));
        Assert.Equal(4096, _test.Device.Metrics.InflatedPages);
    }

    [Fact]
    public void A_storm_of_requests_ends_the_round()
    {
        using DeviceUnderTest<BalloonDevice> test = Make(listens: false);
        test.Device.Doorbells[Inflate].Answer();
        DriverBuffer request = test.Memory.Readable(new byte[3000 * 4]);
        for (int i = 0; i < 5; i++)
        {
            test.Queues[Inflate].Add([request]);
        }

        test.Queues[Inflate].Kick();
        int rounds = 0;
        do
        {
            test.Serve(Inflate);
            rounds++;
        }
        while (test.Device.Doorbells[Inflate].Answer());
        Assert.Equal(3, rounds);
        Assert.Equal(15_000, test.Device.Metrics.InflatedPages);
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData(0u, true)]
    [InlineData(0xAAAA_AAAAu, false)]
    public void Reported_pages_go_back_unless_they_must_keep_their_poison(uint? poison, bool given)
    {
        using DeviceUnderTest<BalloonDevice> test = Make(
            features: device => poison is null ? device & ~PagePoison : device, activate: false);
        test.WriteConfiguration(12, poison ?? 0);
        test.Activate();
        GuestAddress pages = test.Memory.Allocate(4 * Page, Page);
        test.Memory.Span(pages, 4 * Page).Fill(0xAA);
        test.Request(Reporting, DriverBuffer.Writable(pages, 2 * Page), DriverBuffer.Writable(pages + (3 * Page), Page));
        Assert.Equal(given ? 0 : 0xAA, test.Memory.Span(pages, 1)[0]);
        Assert.Equal(0xAA, test.Memory.Span(pages + (2 * Page), 1)[0]);
        Assert.Equal(3 * Page, test.Device.Metrics.ReportedBytes);
        Assert.Equal(given ? 3 * Page : 0, test.Device.Metrics.ReleasedBytes);
    }

    [Fact]
    public void A_page_reported_in_part_stays()
    {
        GuestAddress pages = _test.Memory.Allocate(3 * Page, Page);
        _test.Memory.Span(pages, 3 * Page).Fill(0xAA);
        _test.Request(Reporting, DriverBuffer.Writable(pages + 1, (2 * Page) + 1));
        Assert.Equal(0xAA, _test.Memory.Span(pages, 1)[0]);
        Assert.Equal(0, _test.Memory.Span(pages + Page, 1)[0]);
        Assert.Equal(0xAA, _test.Memory.Span(pages + (2 * Page), 1)[0]);
        Assert.Equal(Page + 1, _test.Device.Metrics.RefusedBytes);
    }

    [Fact]
    public void Queues_in_the_middle_are_never_missing()
    {
        using DeviceUnderTest<BalloonDevice> plain = Make(new BalloonConfiguration());
        Assert.Equal(4, plain.Device.QueueSizes.Count);
        Assert.Equal(0b01_1010ul, plain.Device.Features);
        Assert.Equal(5, _test.Device.QueueSizes.Count);
        Assert.Equal(0b11_1110ul, _test.Device.Features);
    }

    [Fact]
    public void A_reset_empties_the_balloon_and_keeps_the_target()
    {
        _test.Device.TargetBytes = 2 * Page;
        _test.WriteConfiguration(4, 2u);
        _test.Device.Reset();
        Assert.Equal(0u, _test.Device.ActualBytes);
        Assert.Equal(2u * Page, _test.Device.TargetBytes);
        _test.Activate();
        uint first = Fill(1);
        Request(Inflate, first);
        Assert.Equal([true], Cleared(first, 1));
    }

    [Fact]
    public void State_survives()
    {
        _test.Device.TargetBytes = 7 * Page;
        _test.WriteConfiguration(4, 6u);
        BalloonState state = _test.Device.Save();
        using DeviceUnderTest<BalloonDevice> other = Make(activate: false);
        other.Device.Restore(state);
        Assert.Equal(state, other.Device.Save());
        Assert.Throws<DeviceStateException>(() => other.Device.Restore(state with { Version = 2 }));
    }

    [Theory]
    [InlineData(VirtqueueOptions.EventIndex)]
    [InlineData(VirtqueueOptions.Packed | VirtqueueOptions.EventIndex)]
    public void Requests_allocate_nothing(VirtqueueOptions kind)
    {
        using DeviceUnderTest<BalloonDevice> test = Make(options: kind, listens: false);
        uint[] numbers = [300, 301, 299, 1, uint.MaxValue];
        DriverBuffer[] inflate = [test.Memory.Readable(MemoryMarshal.AsBytes(numbers.AsSpan()))];
        DriverBuffer[] report = [DriverBuffer.Writable(test.Memory.Allocate(Page, Page), Page)];
        Assert.Equal(0, test.OnThread(() => Allocations.Of(() =>
        {
            Round(test, Inflate, inflate);
            Round(test, Deflate, inflate);
            Round(test, Reporting, report);
        })));
    }

    private static DeviceUnderTest<BalloonDevice> Make(
        BalloonConfiguration? configuration = null,
        Func<ulong, ulong>? features = null,
        VirtqueueOptions options = VirtqueueOptions.None,
        bool listens = true,
        bool activate = true)
    {
        configuration ??= new BalloonConfiguration { DeflateOnOutOfMemory = true, FreePageReporting = true };
        ulong? accepted = features?.Invoke(0b11_1110);
        return new(thread => new BalloonDevice(configuration, thread), accepted, options, listens, activate);
    }

    private static GuestAddress Address(uint page) => new((ulong)page * Page);

    private static void Round(DeviceUnderTest<BalloonDevice> test, int queue, DriverBuffer[] request)
    {
        test.Queues[queue].Add(request);
        test.Queues[queue].Kick();
        test.Device.Serve(queue);
        test.Queues[queue].Collect();
    }

    private uint Fill(int pages)
    {
        GuestAddress start = _test.Memory.Allocate(pages * Page, Page);
        _test.Memory.Span(start, pages * Page).Fill(1);
        return (uint)(start.Value / Page);
    }

    private bool[] Cleared(uint first, int pages) => [.. Enumerable.Range(0, pages)
        .Select(i => !_test.Memory.Span(Address(first + (uint)i), Page).ContainsAnyExcept((byte)0))];

    private void Request(int queue, params uint[] pages) =>
        _test.Request(queue, _test.Memory.Readable(MemoryMarshal.AsBytes(pages.AsSpan())));
}
