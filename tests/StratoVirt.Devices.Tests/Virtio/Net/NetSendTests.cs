using CsCheck;
using StratoVirt.Backends.Limits;
using StratoVirt.Backends.Net;
using StratoVirt.Devices.Virtio.Net;
using StratoVirt.Devices.Virtio.Queue;
using StratoVirt.Testing;
using StratoVirt.Testing.Virtio;
using Xunit;

namespace StratoVirt.Devices.Tests.Virtio.Net;

public sealed class NetSendTests
{
    private static readonly byte[] NoHeader = new byte[NetBench.Header];

    [Theory]
    [InlineData(VirtqueueOptions.None)]
    [InlineData(VirtqueueOptions.EventIndex | VirtqueueOptions.Indirect)]
    [InlineData(VirtqueueOptions.Packed)]
    [InlineData(VirtqueueOptions.Packed | VirtqueueOptions.EventIndex | VirtqueueOptions.Indirect)]
    public void AFrameGoesOutWholeHoweverItIsCut(VirtqueueOptions options)
    {
        using var bench = new NetBench(options: options);
        byte[] frame = NetBench.Frame(1514);
        byte[] whole = [.. NoHeader, .. frame];
        Assert.Equal(0u, bench.Send(NoHeader, frame));
        Assert.Equal(0u, bench.Send(whole));
        Assert.Equal(0u, bench.Send(whole[..5], whole[5..20], whole[20..21], whole[21..]));
        Assert.Equal([whole, whole, whole], bench.Wire.Sent!);
        Assert.Equal(3, bench.Card.Metrics.SentFrames);
        Assert.Equal(3 * 1514, bench.Card.Metrics.SentBytes);
        Assert.True(bench.Test.Interrupts.Of(NetBench.SendQueue) > 0);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(25)]
    [InlineData(NetBench.Header + NetFrame.MaxLength + 1)]
    public void AFrameThatCannotBeIsDroppedAndTheNextGoesOut(int length)
    {
        using var bench = new NetBench();
        if (length > 0)
        {
            bench.Send(new byte[length]);
        }
        else
        {
            bench.Test.Request(NetBench.SendQueue, bench.Test.Memory.Writable(100));
        }

        bench.Send(NoHeader, new byte[60]);
        Assert.Single(bench.Wire.Sent!);
        Assert.Equal(1, bench.Card.Metrics.SendErrors);
        Assert.Null(bench.Card.Fault);
    }

    /// <summary>Any bytes in any pieces: each request is given back, and what goes out is what was sent.</summary>
    [Fact]
    public void AnyBytesAreTakenOrDropped()
    {
        using var bench = new NetBench(options: VirtqueueOptions.Packed);
        Gen.Byte.Array[1, 100].List[1, 6].Sample(
            pieces =>
            {
                bench.Wire.Sent!.Clear();
                long errors = bench.Card.Metrics.SendErrors;
                Assert.Equal(0u, bench.Send([.. pieces]));
                byte[] all = [.. pieces.SelectMany(piece => piece)];
                if (bench.Wire.Sent.Count == 0)
                {
                    Assert.Equal(errors + 1, bench.Card.Metrics.SendErrors);
                }
                else
                {
                    Assert.Equal(all[NetBench.Header..], Assert.Single(bench.Wire.Sent)[NetBench.Header..]);
                }
            },
            iter: 2000,
            threads: 1);
        Assert.Null(bench.Card.Fault);
        Assert.Null(bench.Test.Memory.FirstDamage);
    }

    [Fact]
    public void TheHostSeesOnlyTheCheckedHeader()
    {
        using var bench = new NetBench();
        byte[] header = NetBench.HeaderOf(new NetHeader
        {
            Flags = 0xFF, SegmentType = NetHeader.SegmentTcp4, HeaderLength = 0xFFFF, SegmentSize = 1448,
            ChecksumStart = 34, ChecksumOffset = 16, Buffers = 99,
        });
        bench.Send(header, new byte[3000]);
        byte[] expected = NetBench.HeaderOf(new NetHeader
        {
            Flags = NetHeader.NeedsChecksum, SegmentType = NetHeader.SegmentTcp4, HeaderLength = 3000, SegmentSize = 1448,
            ChecksumStart = 34, ChecksumOffset = 16,
        });
        Assert.Equal(expected, bench.Wire.Sent![0][..NetBench.Header]);
    }

    [Fact]
    public void AFullHostHoldsFramesBackUntilItHasRoom()
    {
        using var bench = new NetBench(listens: true);
        bench.Test.OnThread(() => bench.Wire.SendStatus = NetStatus.WouldBlock);
        DriverQueue driver = bench.Test.Queues[NetBench.SendQueue];
        for (int i = 0; i < 5; i++)
        {
            driver.Add([bench.Test.Memory.Readable([.. NoHeader, .. NetBench.Frame(60, i)])]);
        }

        bench.Test.Notify(NetBench.SendQueue);
        bench.Test.Settle();
        Assert.False(driver.TryCollect(out _));
        Assert.True(bench.Card.Metrics.SendStalls > 0);
        bench.Test.OnThread(() => bench.Wire.SendStatus = NetStatus.Done);
        bench.Wire.Wake();
        bench.Test.Settle();
        Assert.Equal(Enumerable.Range(0, 5).Select(i => NetBench.Frame(60, i)), bench.Wire.Sent!.Select(sent => sent[NetBench.Header..]));
        Assert.True(Enumerable.Range(0, 5).All(_ => driver.TryCollect(out UsedElement used) && used.Written == 0));
        Assert.Empty(bench.Test.Faults);
    }

    [Fact]
    public void ARateLimitHoldsFramesBackUntilTheirTime()
    {
        var time = new ManualTimeProvider(DateTimeOffset.UnixEpoch);
        using var bench = new NetBench(sendLimit: new RateLimiter(operations: new TokenRate(1), time: time));
        DriverQueue driver = bench.Test.Queues[NetBench.SendQueue];
        for (int i = 0; i < 2; i++)
        {
            driver.Add([bench.Test.Memory.Readable([.. NoHeader, .. new byte[60]])]);
        }

        driver.Kick();
        bench.Test.Serve(NetBench.SendQueue);
        Assert.Single(bench.Wire.Sent!);
        Assert.Equal(1, bench.Card.Metrics.Delayed);
        time.Advance(TimeSpan.FromSeconds(1));
        bench.Test.Serve(NetBench.SendQueue);
        Assert.Equal(2, bench.Wire.Sent!.Count);
    }

    [Fact]
    public void WhatTheHostRefusesIsCompletedAndCounted()
    {
        using var bench = new NetBench();
        bench.Wire.SendStatus = NetStatus.Dropped;
        bench.Send(NoHeader, new byte[60]);
        Assert.Equal(1, bench.Card.Metrics.SendDrops);
        Assert.Equal(Linux.Errno.InvalidArgument, bench.Card.Metrics.LastError);
        Assert.True(bench.Card.IsLinkUp);
    }

    [Fact]
    public void AHostThatGoesTakesTheLinkDownAndTheGuestGoesOn()
    {
        using var bench = new NetBench();
        bench.Wire.IsGone = true;
        bench.Send(NoHeader, new byte[60]);
        Assert.False(bench.Card.IsLinkUp);
        Assert.Equal("unplugged by the test", bench.Card.Problem);
        Assert.Equal(1, bench.Test.Interrupts.ConfigurationChanges);
        Assert.Equal(0, bench.Test.ReadConfiguration<ushort>(6));
        bench.Card.SetLink(true);
        Assert.False(bench.Card.IsLinkUp);
        bench.Send(NoHeader, new byte[60]);
        Assert.Equal(2, bench.Card.Metrics.SendDrops);
        Assert.Null(bench.Card.Fault);
    }

    [Fact]
    public void AHostThatGoesIsNoticedThoughNothingMoves()
    {
        using var bench = new NetBench(listens: true);
        bench.Test.OnThread(() => bench.Wire.IsGone = true);
        bench.Wire.Wake();
        Assert.True(SpinWait.SpinUntil(() => !bench.Card.IsLinkUp, 30_000));
        Assert.Equal("unplugged by the test", bench.Card.Problem);
    }

    [Fact]
    public void ALinkThatIsDownDropsFrames()
    {
        using var bench = new NetBench();
        bench.Card.SetLink(false);
        bench.Send(NoHeader, new byte[60]);
        Assert.Empty(bench.Wire.Sent!);
        Assert.Equal(1, bench.Card.Metrics.SendDrops);
        bench.Card.SetLink(true);
        bench.Send(NoHeader, new byte[60]);
        Assert.Single(bench.Wire.Sent!);
        Assert.Equal(2, bench.Test.Interrupts.ConfigurationChanges);
    }

    [Theory]
    [InlineData(VirtqueueOptions.EventIndex)]
    [InlineData(VirtqueueOptions.Packed | VirtqueueOptions.Indirect)]
    public void SendingAllocatesNothing(VirtqueueOptions options)
    {
        using var bench = new NetBench(options: options);
        bench.Wire.Sent = null;
        DriverBuffer[] frame = [bench.Test.Memory.Readable(NoHeader), bench.Test.Memory.Readable(new byte[1500])];
        DriverQueue driver = bench.Test.Queues[NetBench.SendQueue];
        bool indirect = options.HasFlag(VirtqueueOptions.Indirect);
        Assert.Equal(0, bench.Test.OnThread(() => Allocations.Of(() =>
        {
            driver.Add(frame, indirect);
            driver.Add(frame, indirect);
            driver.Kick();
            bench.Card.Serve(NetBench.SendQueue);
            driver.TryCollect(out _);
            driver.TryCollect(out _);
        })));
        Assert.True(bench.Wire.SentCount >= 2000);
    }
}
