using System.Runtime.InteropServices;
using StratoVirt.Linux;
using StratoVirt.Linux.Handles;
using StratoVirt.Linux.Net;

namespace StratoVirt.Backends.VhostUser;

/// <summary>Sends requests and takes replies, each within a time, and believes nothing it is sent.</summary>
internal sealed class VhostUserChannel : IDisposable
{
    private readonly Epoll _ready = Epoll.Create();
    private readonly TimeSpan _patience;

    internal VhostUserChannel(UnixSocket socket, TimeSpan patience)
    {
        Socket = socket;
        _patience = patience;
        _ready.Add(socket, EpollEvents.In, 0);
    }

    internal UnixSocket Socket { get; }

    /// <exception cref="VhostUserException">The connection is over, or full for too long.</exception>
    internal void Send(
        VhostUserRequest request, bool wantsReply, ReadOnlySpan<byte> payload, params ReadOnlySpan<FileDescriptor> descriptors)
    {
        Span<byte> message = stackalloc byte[VhostUserHeader.Size + payload.Length];
        MemoryMarshal.Write(message, new VhostUserHeader
        {
            Request = request,
            Flags = VhostUserHeader.Version | (wantsReply ? VhostUserHeader.NeedReply : 0),
            Length = (uint)payload.Length,
        });
        payload.CopyTo(message[VhostUserHeader.Size..]);
        long deadline = Deadline();
        ReadOnlySpan<byte> rest = message;
        while (!rest.IsEmpty)
        {
            Errno errno = Socket.Send(rest, descriptors, out int count);
            rest = rest[count..];
            if (count > 0)
            {
                descriptors = [];
            }
            else if (errno == Errno.Again)
            {
                _ready.Modify(Socket, EpollEvents.Out, 0);
                Wait(request, deadline);
                _ready.Modify(Socket, EpollEvents.In, 0);
            }
            else
            {
                throw Over(request);
            }
        }
    }

    /// <summary>Takes the reply to a request: a whole payload of the length asked for.</summary>
    /// <exception cref="VhostUserException">None comes in time, or it is no reply to this request.</exception>
    internal void Receive(VhostUserRequest request, Span<byte> payload)
    {
        long deadline = Deadline();
        Span<byte> raw = stackalloc byte[VhostUserHeader.Size];
        Fill(request, raw, deadline);
        VhostUserHeader header = MemoryMarshal.Read<VhostUserHeader>(raw);
        if (header.Request != request
            || (header.Flags & VhostUserHeader.VersionMask) != VhostUserHeader.Version
            || (header.Flags & VhostUserHeader.Reply) == 0
            || header.Length != (uint)payload.Length)
        {
            throw new VhostUserException(
                $"The back-end answered {request} with message {(uint)header.Request}, flags 0x{header.Flags:x}, {header.Length} bytes.");
        }

        Fill(request, payload, deadline);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _ready.Dispose();
        Socket.Dispose();
    }

    // A plain read closes descriptors that come unasked for beside the bytes.
    private void Fill(VhostUserRequest request, Span<byte> buffer, long deadline)
    {
        while (!buffer.IsEmpty)
        {
            Errno errno = Socket.Read(buffer, out int count);
            if (count > 0)
            {
                buffer = buffer[count..];
            }
            else if (errno == Errno.Again)
            {
                Wait(request, deadline);
            }
            else
            {
                throw Over(request);
            }
        }
    }

    private void Wait(VhostUserRequest request, long deadline)
    {
        Span<EpollEvent> one = stackalloc EpollEvent[1];
        long left = deadline - Environment.TickCount64;
        if (left <= 0 || _ready.Wait(one, (int)left) == 0)
        {
            throw new VhostUserException($"The back-end did not answer {request} within {_patience.TotalSeconds:0.#} s.");
        }
    }

    private long Deadline() => Environment.TickCount64 + (long)_patience.TotalMilliseconds;

    private static VhostUserException Over(VhostUserRequest request) =>
        new(VhostUserError.Closed, $"The back-end closed the connection at {request}.");
}
