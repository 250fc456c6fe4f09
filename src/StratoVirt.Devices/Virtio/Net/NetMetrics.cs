using StratoVirt.Linux;

namespace StratoVirt.Devices.Virtio.Net;

/// <summary>Counters of a network card, since it was made, over all its queues.</summary>
/// <param name="ReceivedFrames">Frames handed to the driver.</param>
/// <param name="ReceivedBytes">Their bytes, from the Ethernet header on.</param>
/// <param name="ReceiveDrops">Frames of the host's that the driver did not get: too long for its buffers or for its MTU,
/// the link down, or the machine held while they waited for buffers.</param>
/// <param name="ReceiveStalls">How often there was no receive buffer, so that frames had to wait with the host.</param>
/// <param name="SentFrames">Frames the host took.</param>
/// <param name="SentBytes">Their bytes, from the Ethernet header on.</param>
/// <param name="SendDrops">Frames of the driver's that the host did not get: refused, or the link down.</param>
/// <param name="SendErrors">Frames of the driver's with a header or a length that cannot be.</param>
/// <param name="SendStalls">How often the host took no more, so that frames had to wait with the driver.</param>
/// <param name="Delayed">How often a rate limit held a frame back.</param>
/// <param name="LastError">What the host said of a frame it refused last.</param>
public readonly record struct NetMetrics(
    long ReceivedFrames,
    long ReceivedBytes,
    long ReceiveDrops,
    long ReceiveStalls,
    long SentFrames,
    long SentBytes,
    long SendDrops,
    long SendErrors,
    long SendStalls,
    long Delayed,
    Errno LastError);
