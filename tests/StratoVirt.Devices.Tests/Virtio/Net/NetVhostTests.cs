using StratoVirt.Devices.Virtio;
using StratoVirt.Devices.Virtio.Net;
using StratoVirt.Testing.Virtio;
using Xunit;

namespace StratoVirt.Devices.Tests.Virtio.Net;

/// <summary>A card whose pairs the host's kernel serves: which it has when, and where it begins.</summary>
public sealed class NetVhostTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly ScriptedNet _host = new(2, ScriptedNet.All, vhost: true);
    private readonly DeviceUnderTest<VirtioNet> _test;

    public NetVhostTests() => _test = new(
        thread => new VirtioNet(_host, new NetOptions { Mac = NetBench.Mac, QueueSize = 64 }, thread), activate: false);

    private VirtioNet Card => _test.Device;

    private ScriptedVhost First => _host.Scripts[0].Kernel!;

    private ScriptedVhost Second => _host.Scripts[1].Kernel!;

    public void Dispose() => _test.Dispose();

    [Fact]
    public void ItOffersWhatTheKernelKnowsOfRings()
    {
        Assert.Equal(VirtioFeatures.Version1 | VirtioFeatures.EventIndex, Card.CommonFeatures);
        Assert.True(Card.IsVhost);
    }

    [Fact]
    public void TheKernelHasTheFirstPairFromTheActivationToTheReset()
    {
        Assert.Null(First.Served);
        _test.Activate();
        var (receive, send) = First.Served!.Value;
        Assert.Equal(_test.Features, First.Negotiated);
        Assert.Equal(_test.DeviceQueues[0]!.Setup.DriverArea, receive.DriverArea);
        Assert.Equal(_test.DeviceQueues[1]!.Setup.DeviceArea, send.DeviceArea);
        Assert.Same(Card.Doorbells[0], receive.Kick);
        Assert.Same(Card.Doorbells[1], send.Kick);
        Assert.Null(Second.Served);
        Card.Reset();
        Assert.Null(First.Served);
        _test.Activate();
        Assert.Equal(0, First.Served!.Value.Receive.Base);
    }

    [Fact]
    public void APauseTakesTheQueuesBackAndGoesOnWhereTheyWere()
    {
        _test.Activate();
        First.Position = (5, 9);
        Card.Pause();
        Assert.Null(First.Served);
        Assert.Equal((5, 9), (_test.DeviceQueues[0]!.Save().Available, _test.DeviceQueues[1]!.Save().Used));
        Card.Resume();
        Assert.Equal((5, 9), (First.Served!.Value.Receive.Base, First.Served!.Value.Send.Base));
    }

    [Fact]
    public void ACardMadeActiveWhileItIsPausedWaits()
    {
        Card.Pause();
        _test.Activate();
        Assert.Null(First.Served);
        Card.Resume();
        Assert.NotNull(First.Served);
    }

    [Fact]
    public void ALinkThatIsDownIsServedByNobody()
    {
        _test.Activate();
        Card.SetLink(false);
        Assert.Null(First.Served);
        Card.SetLink(true);
        Assert.NotNull(First.Served);
        Assert.Equal(2, First.Starts);
    }

    [Fact]
    public void TheDriverTakesPairsIntoUseAndOut()
    {
        _test.Activate();
        Assert.Equal(0, Command(4, 0, 2, 0));
        Assert.NotNull(Second.Served);
        Assert.Same(Card.Doorbells[2], Second.Served!.Value.Receive.Kick);
        Assert.Equal(0, Command(4, 0, 1, 0));
        Assert.Null(Second.Served);
        Assert.Equal(1, First.Starts);
    }

    [Fact]
    public void ItsCallsBecomeInterrupts()
    {
        _test.Activate();
        int before = _test.Interrupts.Of(1);
        First.Served!.Value.Send.Call.Ring();
        Assert.True(SpinWait.SpinUntil(() => _test.Interrupts.Of(1) == before + 1, Patience));
        Assert.Equal(0, _test.Interrupts.Of(0));
    }

    [Fact]
    public void ABrokenQueueStopsTheCardUntilItsReset()
    {
        _test.Activate();
        First.Served!.Value.Receive.Broken.Ring();
        Assert.True(SpinWait.SpinUntil(() => First.Served is null, Patience));
        Assert.Contains("broke queue", Card.Fault, StringComparison.Ordinal);
        Card.Reset();
        _test.Activate();
        Assert.NotNull(First.Served);
    }

    [Fact]
    public void AKernelThatRefusesIsAFaultOfTheCard()
    {
        First.Refuses = true;
        _test.Activate();
        Assert.Equal("no", Card.Fault);
        Assert.Empty(_test.Faults);
    }

    [Fact]
    public void TheEndOfTheHostsSideIsFoundWithoutTraffic()
    {
        _test.Activate();
        _host.Scripts[0].IsGone = true;
        Assert.True(SpinWait.SpinUntil(() => Card.Problem is not null && !Card.IsLinkUp && First.Served is null, Patience));
    }

    [Fact]
    public void ItGoesWithTheCard()
    {
        _test.Activate();
        Card.Dispose();
        Assert.Null(First.Served);
        Assert.True(First.IsDisposed);
    }

    private byte Command(params byte[] command)
    {
        DriverBuffer answer = _test.Memory.Writable(1);
        const int ControlQueue = 4;
        Assert.Equal(1u, _test.Request(ControlQueue, _test.Memory.Readable(command), answer));
        return _test.Memory.Span(answer)[0];
    }
}
