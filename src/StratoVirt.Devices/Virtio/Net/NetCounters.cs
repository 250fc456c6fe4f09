using StratoVirt.Linux;

namespace StratoVirt.Devices.Virtio.Net;

/// <summary>Counts what a card does. Written by its I/O thread alone, read by anyone.</summary>
internal sealed class NetCounters
{
    internal long ReceivedFrames;
    internal long ReceivedBytes;
    internal long ReceiveDrops;
    internal long ReceiveStalls;
    internal long SentFrames;
    internal long SentBytes;
    internal long SendDrops;
    internal long SendErrors;
    internal long SendStalls;
    internal long Delayed;
    internal int LastError;

    internal NetMetrics Snapshot() => new(
        Volatile.Read(ref ReceivedFrames),
        Volatile.Read(ref ReceivedBytes),
        Volatile.Read(ref ReceiveDrops),
        Volatile.Read(ref ReceiveStalls),
        Volatile.Read(ref SentFrames),
        Volatile.Read(ref SentBytes),
        Volatile.Read(ref SendDrops),
        Volatile.Read(ref SendErrors),
        Volatile.Read(ref SendStalls),
        Volatile.Read(ref Delayed),
        (Errno)Volatile.Read(ref LastError));
}
