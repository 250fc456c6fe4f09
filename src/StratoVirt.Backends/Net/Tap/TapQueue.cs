using System.Runtime.InteropServices;
using StratoVirt.Backends.Net.Vhost;
using StratoVirt.Linux;
using StratoVirt.Linux.Handles;
using StratoVirt.Linux.Net;
using StratoVirt.Linux.Storage;
using StratoVirt.Memory;

namespace StratoVirt.Backends.Net.Tap;

/// <summary>One queue of a tap: frames go straight between the kernel and guest memory.</summary>
internal sealed class TapQueue : INetQueue
{
    private readonly TapBackend _backend;
    private readonly TapDevice _tap;

    internal TapQueue(TapBackend backend, TapDevice tap, VhostNet? vhost)
    {
        _backend = backend;
        _tap = tap;
        Vhost = vhost is null ? null : new VhostPair(vhost, tap);
        KernelEnd = vhost;
    }

    /// <inheritdoc/>
    public FileDescriptor Descriptor => _tap;

    /// <inheritdoc/>
    public IVhostPair? Vhost { get; }

    /// <inheritdoc/>
    public Errno LastError { get; private set; }

    internal TapDevice Tap => _tap;

    internal VhostNet? KernelEnd { get; }

    internal bool IsInUse { get; set; } = true;

    /// <inheritdoc/>
    public NetStatus Send(ReadOnlySpan<byte> header, ReadOnlySpan<GuestBuffer> frame) =>
        Judge(PacketIo.Write(_tap, header, MemoryMarshal.Cast<GuestBuffer, IoVector>(frame)));

    /// <inheritdoc/>
    public void Flush()
    {
    }

    /// <inheritdoc/>
    public NetStatus Look()
    {
        if (_tap.IsThere)
        {
            return NetStatus.Done;
        }

        _backend.OnGone();
        return NetStatus.Gone;
    }

    /// <inheritdoc/>
    public NetStatus Receive(Span<byte> header, ReadOnlySpan<GuestBuffer> frame, Span<byte> rest, out int length)
    {
        Errno errno = PacketIo.Read(_tap, header, MemoryMarshal.Cast<GuestBuffer, IoVector>(frame), rest, out int count);
        length = Math.Max(0, count - header.Length);
        return Judge(errno);
    }

    private NetStatus Judge(Errno errno)
    {
        switch (errno)
        {
            case Errno.None:
                return NetStatus.Done;
            case Errno.Again:
                return NetStatus.WouldBlock;

            // The interface was deleted.
            case Errno.BadDescriptorState:
                _backend.OnGone();
                return NetStatus.Gone;

            // EIO: the interface is down, and may come up again.
            default:
                LastError = errno;
                return NetStatus.Dropped;
        }
    }
}
