using StratoVirt.Backends.Net;
using StratoVirt.Backends.Net.Vhost;
using StratoVirt.Devices.Virtio;
using StratoVirt.Devices.Virtio.Net;
using StratoVirt.Memory;

namespace StratoVirt.Devices.Tests.Virtio.Net;

/// <summary>A kernel that serves a pair of queues as far as a test says.</summary>
internal sealed class ScriptedVhost : IVhostPair
{
    public ulong Features => VirtioFeatures.Version1 | VirtioFeatures.EventIndex | NetFeatures.MergeableBuffers;

    /// <summary>The queues while it has them.</summary>
    public (VhostQueue Receive, VhostQueue Send)? Served { get; private set; }

    public ulong Negotiated { get; private set; }

    public int Starts { get; private set; }

    /// <summary>Where it is in them when they are taken back.</summary>
    public (ushort Receive, ushort Send) Position { get; set; }

    public bool Refuses { get; set; }

    public bool IsDisposed { get; private set; }

    public void Start(GuestMemory memory, ulong features, in VhostQueue receive, in VhostQueue send)
    {
        if (Refuses)
        {
            throw new NetBackendException(NetBackendError.Refused, "no");
        }

        Negotiated = features;
        Served = (receive, send);
        Starts++;
    }

    public (ushort Receive, ushort Send) Stop()
    {
        Served = null;
        return Position;
    }

    public void Dispose() => IsDisposed = true;
}
