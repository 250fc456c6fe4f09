using System.Runtime.InteropServices;
using CsCheck;
using StratoVirt.Backends.Limits;
using StratoVirt.Backends.Net;
using StratoVirt.Devices.Virtio.Net;
using StratoVirt.Devices.Virtio.Queue;
using StratoVirt.Testing;
using StratoVirt.Testing.Virtio;
using Xunit;

namespace StratoVirt.Devices.Tests.Virtio.Net;

public sealed class NetReceiveTests
{
    private const ulong NotMergeable = ~NetFeatures.MergeableBuffers;

    [Theory]
    [InlineData(VirtqueueOptions.None)]
    [InlineData(VirtqueueOptions.EventIndex)]
    [InlineData(VirtqueueOptions.Packed)]
    [InlineData(VirtqueueOptions.Packed | VirtqueueOptions.EventIndex | VirtqueueOptions.Indirect)]
    public void AFrameComesInTheFirstBuffer(VirtqueueOptions options)
    {
        using var bench = new NetBench(options: options);
        (ushort id, DriverBuffer buffer) = bench.Offer(1526);
        bench.Offer(1526);
        bench.Wire.Add(NetBench.Frame(1514));
        bench.Receive();
        Assert.Equal(new UsedElement(id, NetBench.Header + 1514), bench.Test.Queues[NetBench.ReceiveQueue].Collect());
        byte[] got = bench.Test.Memory.Span(buffer).ToArray();
        Assert.Equal(NetBench.HeaderOf(new NetHeader { Buffers = 1 }), got[..NetBench.Header]);
        Assert.Equal(NetBench.Frame(1514), got[NetBench.Header..]);
        Assert.Equal(1, bench.Test.Interrupts.Of(NetBench.ReceiveQueue));
        Assert.False(bench.Test.Queues[NetBench.ReceiveQueue].TryCollect(out _));
    }

    /// <summary>Whatever the lengths of frames and buffers: every frame arrives whole, in order, in as many buffers as
    /// its header says, each but the last full (§5.1.6.4.1), and nothing beside a buffer is touched.</summary>
    [Fact]
    public void FramesAreSpreadOverBuffers() => Gen.Select(
        Gen.Int[NetFrame.MinLength, 9000].List[1, 6],
        Gen.Int[NetBench.Header, 2500].List[1, 12],
        Gen.Bool).Sample((lengths, rooms, packed) =>
        {
            using var bench = new NetBench(
                options: packed ? VirtqueueOptions.Packed : VirtqueueOptions.EventIndex, features: ~NetFeatures.Mtu & Offered);
            byte[][] frames = [.. lengths.Select((length, i) => NetBench.Frame(length, i))];
            Array.ForEach(frames, frame => bench.Wire.Add(frame));
            DriverQueue driver = bench.Test.Queues[NetBench.ReceiveQueue];
            var buffers = new Dictionary<ushort, DriverBuffer>();
            var bytes = new List<byte[]>();

            // A driver that gives one buffer at a time, always too late.
            for (int i = 0; bytes.Sum(part => part.Length) < frames.Sum(frame => frame.Length) && i < 10_000; i++)
            {
                (ushort id, DriverBuffer buffer) = bench.Offer(rooms[i % rooms.Count] + 100);
                buffers[id] = buffer;
                bench.Receive();
                CollectFrames(bench, driver, buffers, bytes);
            }

            Assert.Equal(frames, bytes);
            Assert.Null(bench.Test.Memory.FirstDamage);
            Assert.Equal(0, bench.Card.Metrics.ReceiveDrops);
        }, iter: 60, threads: 1);

    [Fact]
    public void LargeFramesComeStraightOnceTheyAreExpected()
    {
        using var bench = new NetBench();
        for (int i = 0; i < 64; i++)
        {
            bench.Offer(4096);
        }

        byte[] large = NetBench.Frame(60_000);
        byte[] header = NetBench.HeaderOf(new NetHeader { Flags = 1, SegmentType = 1, SegmentSize = 1448, ChecksumStart = 34, ChecksumOffset = 16 });
        bench.Wire.Add(large, header);
        bench.Wire.Add(large, header);
        bench.Receive();
        Assert.Equal(2, bench.Card.Metrics.ReceivedFrames);
        Assert.Equal(120_000, bench.Card.Metrics.ReceivedBytes);
    }

    [Fact]
    public void WithoutBuffersFramesWaitWithTheHost()
    {
        using var bench = new NetBench(listens: true);
        bench.Test.OnThread(() =>
        {
            bench.Wire.Add(NetBench.Frame(60));
            bench.Wire.Wake();
            return 0;
        });
        bench.Test.Settle();
        Assert.Equal(0, bench.Card.Metrics.ReceivedFrames);
        Assert.True(bench.Card.Metrics.ReceiveStalls > 0);
        Assert.Equal(0, bench.Card.Metrics.ReceiveDrops);
        (ushort id, _) = bench.Offer(1526);
        Assert.True(bench.Test.Notify(NetBench.ReceiveQueue));
        bench.Test.Settle();
        Assert.Equal(new UsedElement(id, NetBench.Header + 60), bench.Test.Queues[NetBench.ReceiveQueue].Collect());
    }

    [Fact]
    public void AFrameOfTheHostWakesTheCard()
    {
        using var bench = new NetBench(listens: true);
        bench.Offer(1526);
        bench.Test.Notify(NetBench.ReceiveQueue);
        bench.Test.Settle();
        bench.Test.OnThread(() =>
        {
            bench.Wire.Add(NetBench.Frame(60));
            return 0;
        });
        bench.Wire.Wake();
        bench.Test.Settle();
        Assert.Equal(1, bench.Card.Metrics.ReceivedFrames);
    }

    [Fact]
    public void WithoutMergingAFrameTooLongIsDroppedAndItsBufferKept()
    {
        using var bench = new NetBench(features: NotMergeable & Offered);
        (ushort id, _) = bench.Offer(1526);
        bench.Offer(1526);
        bench.Wire.Add(NetBench.Frame(1515));
        bench.Wire.Add(NetBench.Frame(1514));
        bench.Receive();
        Assert.Equal(new UsedElement(id, 1526), bench.Test.Queues[NetBench.ReceiveQueue].Collect());
        Assert.Equal(1, bench.Card.Metrics.ReceiveDrops);
    }

    [Fact]
    public void AFrameThatAWholeQueueCannotHoldIsDropped()
    {
        using var bench = new NetBench(queueSize: 4);
        for (int i = 0; i < 4; i++)
        {
            bench.Offer(100);
        }

        bench.Wire.Add(NetBench.Frame(1000));
        bench.Wire.Add(NetBench.Frame(60));
        bench.Receive();
        Assert.Equal(1, bench.Card.Metrics.ReceiveDrops);
        Assert.Equal(1, bench.Card.Metrics.ReceivedFrames);
    }

    [Fact]
    public void AnMtuThatWasNegotiatedIsKept()
    {
        using var bench = new NetBench(mtu: 1000);
        bench.Offer(4000);
        bench.Wire.Add(NetBench.Frame(1019));
        bench.Wire.Add(NetBench.Frame(1018));
        bench.Receive();
        Assert.Equal(1018, bench.Card.Metrics.ReceivedBytes);
        Assert.Equal(1, bench.Card.Metrics.ReceiveDrops);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(11)]
    public void ABufferWithNoRoomForAHeaderNeedsAReset(int length)
    {
        using var bench = new NetBench();
        bench.Offer(length);
        bench.Receive();
        Assert.True(bench.Test.Interrupts.IsResetNeeded);
        Assert.Contains("header", bench.Card.Fault, StringComparison.Ordinal);
        Assert.Null(bench.Test.Memory.FirstDamage);
    }

    [Fact]
    public void ABufferOnlyForReadingNeedsAReset()
    {
        using var bench = new NetBench();
        bench.Test.Queues[NetBench.ReceiveQueue].Add([bench.Test.Memory.Readable(new byte[2000])]);
        bench.Receive();
        Assert.True(bench.Test.Interrupts.IsResetNeeded);
    }

    [Fact]
    public void FlagsAreZeroForADriverThatDoesNotTakeThem()
    {
        using var bench = new NetBench(features: Offered & ~NetFeatures.GuestChecksum);
        (_, DriverBuffer buffer) = bench.Offer(1526);
        bench.Wire.Add(NetBench.Frame(60), NetBench.HeaderOf(new NetHeader { Flags = 2 }));
        bench.Receive();
        Assert.Equal(0, bench.Test.Memory.Span(buffer)[0]);
        Assert.Equal(NetOffloads.None, bench.Host.OffloadsSet);
    }

    [Fact]
    public void ARateLimitHoldsAFrameBackUntilItsTime()
    {
        var time = new ManualTimeProvider(DateTimeOffset.UnixEpoch);
        using var bench = new NetBench(receiveLimit: new RateLimiter(bytes: new TokenRate(1000), time: time));
        bench.Offer(1526);
        bench.Offer(1526);
        bench.Wire.Add(NetBench.Frame(1000));
        bench.Wire.Add(NetBench.Frame(500));
        bench.Receive();
        Assert.Equal(1, bench.Card.Metrics.ReceivedFrames);
        time.Advance(TimeSpan.FromSeconds(0.5));
        bench.Test.Serve(NetBench.ReceiveQueue);
        Assert.Equal(1500, bench.Card.Metrics.ReceivedBytes);
    }

    [Fact]
    public void PauseGivesBuffersBackAndResumeTakesThemAgain()
    {
        using var bench = new NetBench(listens: true);
        for (int i = 0; i < 8; i++)
        {
            bench.Offer(1526);
        }

        bench.Test.Notify(NetBench.ReceiveQueue);
        bench.Test.Settle();
        bench.Card.Pause();
        Assert.Equal(0, bench.Test.DeviceQueues[NetBench.ReceiveQueue]!.InFlight);
        bench.Wire.Add(NetBench.Frame(60));
        bench.Wire.Wake();
        bench.Test.Settle();
        Assert.Equal(0, bench.Card.Metrics.ReceivedFrames);
        bench.Card.Resume();
        bench.Test.Settle();
        Assert.Equal(1, bench.Card.Metrics.ReceivedFrames);
    }

    [Fact]
    public void AfterAResetNothingIsWrittenAndANewDriverStartsAfresh()
    {
        using var bench = new NetBench(listens: true);
        (_, DriverBuffer buffer) = bench.Offer(1526);
        bench.Test.Notify(NetBench.ReceiveQueue);
        bench.Test.Settle();
        bench.Card.Reset();
        bench.Wire.Add(NetBench.Frame(60));
        bench.Wire.Wake();
        bench.Test.Settle();
        Assert.False(bench.Test.Memory.Span(buffer).ContainsAnyExcept((byte)0));
        bench.Test.Activate();
        bench.Offer(1526);
        bench.Test.Notify(NetBench.ReceiveQueue);
        bench.Test.Settle();
        Assert.Equal(1, bench.Card.Metrics.ReceivedFrames);
    }

    [Fact]
    public void OneQueueIsResetWhileTheOtherGoesOn()
    {
        using var bench = new NetBench(listens: true);
        bench.Offer(1526);
        bench.Test.Notify(NetBench.ReceiveQueue);
        bench.Test.Settle();
        bench.Card.ReplaceQueue(NetBench.ReceiveQueue, null);
        bench.Wire.Add(NetBench.Frame(60));
        bench.Wire.Wake();
        bench.Test.Queues[NetBench.SendQueue].Add([bench.Test.Memory.Readable(new byte[NetBench.Header + 60])]);
        bench.Test.Notify(NetBench.SendQueue);
        bench.Test.Settle();
        Assert.Equal(0, bench.Card.Metrics.ReceivedFrames);
        Assert.Equal(1, bench.Card.Metrics.SentFrames);
    }

    [Fact]
    public void ALinkThatIsDownDropsWhatComes()
    {
        using var bench = new NetBench();
        bench.Card.SetLink(false);
        bench.Offer(1526);
        bench.Wire.Add(NetBench.Frame(60));
        bench.Receive();
        Assert.Equal(1, bench.Card.Metrics.ReceiveDrops);
        bench.Card.SetLink(true);
        bench.Wire.Add(NetBench.Frame(60));
        bench.Receive();
        Assert.Equal(1, bench.Card.Metrics.ReceivedFrames);
    }

    [Theory]
    [InlineData(VirtqueueOptions.EventIndex, 64)]
    [InlineData(VirtqueueOptions.Packed, 5000)]
    public void ReceivingAllocatesNothing(VirtqueueOptions options, int length)
    {
        using var bench = new NetBench(options: options);
        DriverQueue driver = bench.Test.Queues[NetBench.ReceiveQueue];
        DriverBuffer[] buffer = [bench.Test.Memory.Writable(1526)];
        for (int i = 0; i < driver.Size; i++)
        {
            driver.Add(buffer);
        }

        bench.Wire.Endless = new byte[length];
        Assert.Equal(0, bench.Test.OnThread(() => Allocations.Of(() =>
        {
            driver.Kick();
            bench.Wire.EndlessCount = 3;
            bench.Card.Serve(NetBench.ReceiveQueue);
            while (driver.TryCollect(out _))
            {
                driver.Add(buffer);
            }
        })));
        Assert.True(bench.Card.Metrics.ReceivedFrames >= 3000);
    }

    private static ulong Offered
    {
        get
        {
            using var bench = new NetBench();
            return bench.Card.Features;
        }
    }

    private static void CollectFrames(NetBench bench, DriverQueue driver, Dictionary<ushort, DriverBuffer> buffers, List<byte[]> frames)
    {
        while (driver.TryCollect(out UsedElement used))
        {
            ReadOnlySpan<byte> first = bench.Test.Memory.Span(buffers[used.Id]);
            NetHeader header = MemoryMarshal.Read<NetHeader>(first);
            var frame = new List<byte>(first[NetBench.Header..(int)used.Written].ToArray());
            for (int i = 1; i < header.Buffers; i++)
            {
                Assert.Equal(buffers[used.Id].Length, used.Written);
                used = driver.Collect();
                frame.AddRange(bench.Test.Memory.Span(buffers[used.Id])[..(int)used.Written]);
            }

            frames.Add([.. frame]);
        }
    }
}
