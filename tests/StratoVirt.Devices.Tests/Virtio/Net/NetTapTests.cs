using System.Net.Sockets;
using StratoVirt.Backends.Net;
using StratoVirt.Backends.Net.Tap;
using StratoVirt.Devices.Virtio.Net;
using StratoVirt.Testing.Virtio;
using Xunit;

namespace StratoVirt.Devices.Tests.Virtio.Net;

/// <summary>A card on a true tap interface of this host.</summary>
public sealed class NetTapTests
{
    private const int Patience = 30_000;

    [Fact]
    public void TheHostAndADriverExchangeFrames()
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6 && File.Exists("/proc/net/if_inet6"), "no IPv6 on this host: a new interface sends nothing by itself");
        using DeviceUnderTest<VirtioNet> test = Make(OpenOrSkip(new TapOptions { BringUp = false }));
        string name = Name(test);
        DriverQueue driver = test.Queues[NetBench.ReceiveQueue];
        var buffers = new Dictionary<ushort, DriverBuffer>();
        for (int i = 0; i < driver.Size; i++)
        {
            DriverBuffer buffer = test.Memory.Writable(1526);
            buffers[driver.Add([buffer])] = buffer;
        }

        test.Notify(NetBench.ReceiveQueue);
        Linux.Net.HostInterface.SetUp(name, up: true);

        // An interface that comes up announces itself by IPv6 neighbour discovery.
        UsedElement used = default;
        Assert.True(SpinWait.SpinUntil(() => driver.TryCollect(out used), Patience));
        ReadOnlySpan<byte> frame = test.Memory.Span(buffers[used.Id])[NetBench.Header..(int)used.Written];
        Assert.Equal<byte>([0x33, 0x33], frame[..2].ToArray());
        Assert.Equal<byte>([0x86, 0xDD], frame[12..14].ToArray());

        long before = ReceivedBytes(name);
        byte[] broadcast = [.. Enumerable.Repeat((byte)0xFF, 6), 2, 0, 0, 0, 0, 1, 0x88, 0xB5, .. new byte[46]];
        test.Request(NetBench.SendQueue, test.Memory.Readable(new byte[NetBench.Header]), test.Memory.Readable(broadcast));
        Assert.Equal(before + broadcast.Length, ReceivedBytes(name));
        Assert.Equal(1, test.Device.Metrics.SentFrames);
        Assert.Empty(test.Faults);
    }

    [Fact]
    public void AnInterfaceDeletedUnderTheCardTakesTheLinkDown()
    {
        using DeviceUnderTest<VirtioNet> test = Make(OpenOrSkip(new TapOptions()));
        test.Queues[NetBench.ReceiveQueue].Add([test.Memory.Writable(1526)]);
        test.Notify(NetBench.ReceiveQueue);
        test.Settle();
        Assert.True(test.Device.IsLinkUp);
        using (var ip = System.Diagnostics.Process.Start("ip", ["link", "delete", Name(test)]))
        {
            ip.WaitForExit();
            Assert.Equal(0, ip.ExitCode);
        }

        Assert.True(SpinWait.SpinUntil(() => !test.Device.IsLinkUp, Patience));
        Assert.Contains("deleted", test.Device.Problem, StringComparison.Ordinal);
        Assert.True(test.Interrupts.ConfigurationChanges > 0);
        test.Request(NetBench.SendQueue, test.Memory.Readable(new byte[NetBench.Header + 60]));
        Assert.Equal(1, test.Device.Metrics.SendDrops);
        Assert.Null(test.Device.Fault);
        Assert.Empty(test.Faults);
    }

    [Fact]
    public void ATapTakesWhatAWellMadeDriverSendsUnsegmented()
    {
        using DeviceUnderTest<VirtioNet> test = Make(OpenOrSkip(new TapOptions()));
        byte[] header = NetBench.HeaderOf(new NetHeader
        {
            Flags = NetHeader.NeedsChecksum, SegmentType = NetHeader.SegmentTcp4, HeaderLength = 54, SegmentSize = 1448,
            ChecksumStart = 34, ChecksumOffset = 16,
        });
        byte[] frame = new byte[54 + 20_000];
        byte[] ethernet = [.. Enumerable.Repeat((byte)0xFF, 6), 2, 0, 0, 0, 0, 1, 8, 0];
        byte[] ip = [0x45, 0, (byte)((frame.Length - 14) >> 8), unchecked((byte)(frame.Length - 14)), 0, 0, 0, 0, 64, 6, 0, 0, 192, 0, 2, 9, 192, 0, 2, 8];
        ethernet.CopyTo(frame, 0);
        ip.CopyTo(frame, 14);
        frame[46] = 0x50;
        test.Request(NetBench.SendQueue, test.Memory.Readable(header), test.Memory.Readable(frame));
        Assert.Equal(1, test.Device.Metrics.SentFrames);
        Assert.Equal(0, test.Device.Metrics.SendDrops);
    }

    private static DeviceUnderTest<VirtioNet> Make(TapBackend tap) =>
        new(thread => new VirtioNet(tap, new NetOptions { Mac = NetBench.Mac }, thread));

    private static string Name(DeviceUnderTest<VirtioNet> test) => Assert.IsType<TapBackend>(test.Device.Host).Name;

    private static TapBackend OpenOrSkip(TapOptions options)
    {
        try
        {
            return TapBackend.Open(options);
        }
        catch (NetBackendException refusal) when (refusal.Error is NetBackendError.NotPermitted or NetBackendError.NotFound)
        {
            Assert.Skip(refusal.Message);
            throw;
        }
    }

    private static long ReceivedBytes(string name) =>
        long.Parse(File.ReadAllText($"/sys/class/net/{name}/statistics/rx_bytes"), System.Globalization.CultureInfo.InvariantCulture);
}
