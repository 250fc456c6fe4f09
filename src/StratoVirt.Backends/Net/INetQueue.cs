using StratoVirt.Backends.Net.Vhost;
using StratoVirt.Linux;
using StratoVirt.Linux.Handles;
using StratoVirt.Memory;

namespace StratoVirt.Backends.Net;

/// <summary>
/// One pair of queues to the host's side of a network card. Every frame has a virtio_net_hdr of
/// <see cref="INetBackend.HeaderLength"/> bytes in front, little-endian, which lies in this process so that no guest can
/// change it after it was checked. One thread at a time; nothing blocks, nothing is allocated.
/// </summary>
public interface INetQueue
{
    /// <summary>Becomes readable when there is a frame to receive, writable when one can be sent again. To be watched
    /// for changes (edge-triggered).</summary>
    FileDescriptor Descriptor { get; }

    /// <summary>The host's kernel, where it moves the frames of this pair by itself; null where they pass through here.</summary>
    IVhostPair? Vhost => null;

    /// <summary>Why a frame was dropped last.</summary>
    Errno LastError { get; }

    /// <summary>Sends a frame.</summary>
    /// <param name="header">Its header. A backend without offloads does not look at it.</param>
    /// <param name="frame">The frame from its Ethernet header on, at most <see cref="NetFrame.MaxParts"/> pieces and
    /// <see cref="NetFrame.MaxLength"/> bytes.</param>
    NetStatus Send(ReadOnlySpan<byte> header, ReadOnlySpan<GuestBuffer> frame);

    /// <summary>Sends what is left of an earlier frame. To be called when the descriptor becomes writable.</summary>
    void Flush();

    /// <summary>Finds out whether the host's side is still there, without taking a frame.</summary>
    /// <returns><see cref="NetStatus.Gone"/>, or <see cref="NetStatus.Done"/>.</returns>
    NetStatus Look();

    /// <summary>Receives a frame.</summary>
    /// <param name="header">Receives its header.</param>
    /// <param name="frame">Filled first, at most <see cref="NetFrame.MaxParts"/> pieces.</param>
    /// <param name="rest">Receives what <paramref name="frame"/> has no room for.</param>
    /// <param name="length">Bytes of the frame, at most the room there is: a longer frame is cut.</param>
    NetStatus Receive(Span<byte> header, ReadOnlySpan<GuestBuffer> frame, Span<byte> rest, out int length);
}
