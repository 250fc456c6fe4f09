using CsCheck;
using StratoVirt.Backends.Net;
using StratoVirt.Devices.Virtio.Net;
using StratoVirt.Testing.Virtio;
using Xunit;

namespace StratoVirt.Devices.Tests.Virtio.Net;

public sealed class NetControlTests
{
    private const byte Ok = 0;
    private const byte Error = 1;

    [Fact]
    public void ConfigurationSpaceSaysWhatTheCardIs()
    {
        using var bench = new NetBench(pairs: 4, mtu: 9000);
        byte[] configuration = new byte[bench.Card.ConfigurationLength];
        bench.Card.ReadConfiguration(0, configuration);
        Assert.Equal<byte>([0x52, 0x54, 0, 0x12, 0x34, 0x56, 1, 0, 4, 0, 0x28, 0x23], configuration);
        Assert.NotEqual(0ul, bench.Card.Features & NetFeatures.MultiQueue & bench.Test.Features);
        Assert.NotEqual(0ul, bench.Card.Features & NetFeatures.Mtu);
    }

    [Fact]
    public void AHostWithoutOffloadsOffersNone()
    {
        using var bench = new NetBench(offloads: NetOffloads.None);
        Assert.Equal(
            NetFeatures.Mac | NetFeatures.Status | NetFeatures.MergeableBuffers | NetFeatures.ControlQueue
                | NetFeatures.ControlReceive | NetFeatures.ControlMacAddress,
            bench.Card.Features);
    }

    [Fact]
    public void TheDriverChangesTheAddressAndAResetTakesItBack()
    {
        using var bench = new NetBench();
        Assert.Equal(Ok, bench.Command(1, 1, 2, 0, 0, 0, 0, 9));
        Assert.Equal("02:00:00:00:00:09", bench.Card.Mac.ToString());
        Assert.Equal(2, bench.Test.ReadConfiguration<byte>(0));
        Assert.Equal(Error, bench.Command(1, 1, 3, 0, 0, 0, 0, 9));
        Assert.Equal(Error, bench.Command(1, 1, 2, 0, 0, 0, 0));
        Assert.Equal(Error, bench.Command(1, 1, 2, 0, 0, 0, 0, 9, 9));
        bench.Card.Reset();
        Assert.Equal(NetBench.Mac, bench.Card.Mac);
    }

    [Fact]
    public void TheDriverChoosesPairsOfQueues()
    {
        using var bench = new NetBench(pairs: 4);
        Assert.Equal(1, bench.Host.QueuesInUse);
        Assert.Equal(Ok, bench.Command(4, 0, 3, 0));
        Assert.Equal(3, bench.Card.PairsInUse);
        Assert.Equal(3, bench.Host.QueuesInUse);
        Assert.Equal(Error, bench.Command(4, 0, 0, 0));
        Assert.Equal(Error, bench.Command(4, 0, 5, 0));
        Assert.Equal(Error, bench.Command(4, 0, 0xFF, 0xFF));
        Assert.Equal(3, bench.Card.PairsInUse);
        bench.Card.Reset();
        bench.Test.Activate();
        Assert.Equal(1, bench.Host.QueuesInUse);
    }

    [Fact]
    public void OnlyPairsInUseAreServed()
    {
        using var bench = new NetBench(pairs: 2);
        const int Receive = 2;
        const int Send = 3;
        bench.Host.Scripts[1].Add(NetBench.Frame(60));
        bench.Test.Queues[Receive].Add([bench.Test.Memory.Writable(1526)]);
        bench.Test.Queues[Receive].Kick();
        bench.Test.Queues[Send].Add([bench.Test.Memory.Readable(new byte[NetBench.Header + 60])]);
        bench.Test.Queues[Send].Kick();
        bench.Test.Serve(Receive);
        bench.Test.Serve(Send);
        Assert.Equal(0, bench.Card.Metrics.ReceivedFrames + bench.Card.Metrics.SentFrames);
        Assert.Equal(Ok, bench.Command(4, 0, 2, 0));
        bench.Test.Serve(Receive);
        bench.Test.Serve(Send);
        Assert.Equal(1, bench.Card.Metrics.ReceivedFrames);
        Assert.Single(bench.Host.Scripts[1].Sent!);
    }

    [Fact]
    public void WithoutMultiQueueTheControlQueueIsTheThird()
    {
        ulong features;
        using (var offer = new NetBench(pairs: 2))
        {
            features = offer.Card.Features & ~NetFeatures.MultiQueue;
        }

        using var bench = new NetBench(features: features, pairs: 2);
        Assert.Equal(2, bench.ControlQueue);
        Assert.Equal(Ok, bench.Command(0, 0, 1));
        Assert.Equal(Error, bench.Command(4, 0, 2, 0));
    }

    [Fact]
    public void TheDriverChangesWhatItTakes()
    {
        using var bench = new NetBench();
        Assert.Equal(ScriptedNet.All, bench.Host.OffloadsSet);
        Assert.Equal(Ok, bench.Command([5, 0, .. BitConverter.GetBytes(NetFeatures.GuestChecksum | NetFeatures.GuestTso4)]));
        Assert.Equal(NetOffloads.Checksum | NetOffloads.Tso4, bench.Host.OffloadsSet);
        Assert.Equal(Ok, bench.Command([5, 0, .. BitConverter.GetBytes(NetFeatures.GuestTso4)]));
        Assert.Equal(NetOffloads.None, bench.Host.OffloadsSet);
        Assert.Equal(Error, bench.Command([5, 0, .. BitConverter.GetBytes(NetFeatures.HostTso4)]));
        Assert.Equal(Error, bench.Command([5, 0, .. BitConverter.GetBytes(ulong.MaxValue)]));
    }

    [Theory]
    [InlineData(Ok, new byte[] { 0, 0, 1 })]
    [InlineData(Ok, new byte[] { 0, 1, 0 })]
    [InlineData(Error, new byte[] { 0, 0, 2 })]
    [InlineData(Error, new byte[] { 0, 0 })]
    [InlineData(Error, new byte[] { 0, 2, 1 })]
    [InlineData(Ok, new byte[] { 1, 0, 0, 0, 0, 0, 0, 0, 0, 0 })]
    [InlineData(Ok, new byte[] { 1, 0, 1, 0, 0, 0, 2, 0, 0, 0, 0, 1, 0, 0, 0, 0 })]
    [InlineData(Error, new byte[] { 1, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0 })]
    [InlineData(Error, new byte[] { 1, 0, 0, 0, 0, 0 })]
    [InlineData(Error, new byte[] { 2, 0, 1, 0 })]
    [InlineData(Error, new byte[] { 0xFF })]
    public void CommandsAreCheckedToTheirLength(byte answer, byte[] command)
    {
        using var bench = new NetBench();
        Assert.Equal(answer, bench.Command(command));
    }

    [Fact]
    public void GarbageIsAnswered()
    {
        using var bench = new NetBench(pairs: 2);
        Gen.Byte.Array[0, 40].Sample(
            command =>
            {
                DriverBuffer[] request = command.Length == 0
                    ? [bench.Test.Memory.Writable(1)]
                    : [bench.Test.Memory.Readable(command), bench.Test.Memory.Writable(1)];
                Assert.Equal(1u, bench.Test.Request(bench.ControlQueue, request));
            },
            iter: 2000,
            threads: 1);
        Assert.Null(bench.Card.Fault);
        Assert.Null(bench.Test.Memory.FirstDamage);
    }

    [Fact]
    public void ACommandWithNoRoomForAnAnswerIsGivenBack()
    {
        using var bench = new NetBench();
        Assert.Equal(0u, bench.Test.Request(bench.ControlQueue, bench.Test.Memory.Readable((ReadOnlySpan<byte>)[0, 0, 1])));
    }

    [Fact]
    public void StateIsSavedAndRestored()
    {
        using var first = new NetBench(pairs: 4);
        first.Command(4, 0, 2, 0);
        first.Command(1, 1, 2, 0, 0, 0, 0, 9);
        first.Command([5, 0, .. BitConverter.GetBytes(NetFeatures.GuestChecksum)]);
        first.Card.SetLink(false);
        NetState state = first.Card.Save();

        using var second = new NetBench(pairs: 4);
        second.Card.Restore(state);
        Assert.Equal(state, second.Card.Save());
        Assert.Equal(2, second.Host.QueuesInUse);
        Assert.Equal(NetOffloads.Checksum, second.Host.OffloadsSet);
        Assert.False(second.Card.IsLinkUp);
        Assert.Equal("02:00:00:00:00:09", second.Card.Mac.ToString());
    }

    [Fact]
    public void AStateThatDoesNotFitIsRefused()
    {
        using var bench = new NetBench(offloads: NetOffloads.None);
        NetState state = bench.Card.Save();
        Assert.Throws<DeviceStateException>(() => bench.Card.Restore(state with { Version = 99 }));
        Assert.Throws<DeviceStateException>(() => bench.Card.Restore(state with { PairsInUse = 2 }));
        Assert.Throws<DeviceStateException>(() => bench.Card.Restore(state with { PairsInUse = 0 }));
        Assert.Throws<DeviceStateException>(() => bench.Card.Restore(state with { Mac = 0 }));
        Assert.Throws<DeviceStateException>(() => bench.Card.Restore(state with { GuestOffloads = NetOffloads.Checksum }));
    }

    [Theory]
    [InlineData("52:54:00:12:34:56", true)]
    [InlineData("FF:FF:FF:FF:FF:FF", true)]
    [InlineData("52:54:00:12:34", false)]
    [InlineData("52:54:00:12:34:5", false)]
    [InlineData("52:54:00:12:34:5g", false)]
    [InlineData("52-54-00-12-34-56", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void AddressesAreRead(string? text, bool expected)
    {
        Assert.Equal(expected, MacAddress.TryParse(text, out MacAddress address));
        Assert.Equal(expected ? text!.ToUpperInvariant() : "00:00:00:00:00:00", expected ? address.ToString().ToUpperInvariant() : "00:00:00:00:00:00");
    }
}
