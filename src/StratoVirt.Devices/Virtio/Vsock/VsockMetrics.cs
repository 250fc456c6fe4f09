namespace StratoVirt.Devices.Virtio.Vsock;

/// <summary>Counters of a socket device, since it was made.</summary>
/// <param name="Connections">Connections now, those that are being made or wound up included.</param>
/// <param name="Opened">Connections both sides have accepted.</param>
/// <param name="Refused">Resets sent to the guest, and processes of the host turned away for want of room.</param>
/// <param name="PacketsToGuest">Packets put into the rx queue.</param>
/// <param name="PacketsFromGuest">Packets taken from the tx queue, bad ones included.</param>
/// <param name="BytesToGuest">Payload that processes of the host sent.</param>
/// <param name="BytesFromGuest">Payload the guest sent.</param>
/// <param name="BadPackets">Packets with a false source or without a whole header, dropped unanswered.</param>
public readonly record struct VsockMetrics(
    int Connections,
    ulong Opened,
    ulong Refused,
    ulong PacketsToGuest,
    ulong PacketsFromGuest,
    ulong BytesToGuest,
    ulong BytesFromGuest,
    ulong BadPackets);
