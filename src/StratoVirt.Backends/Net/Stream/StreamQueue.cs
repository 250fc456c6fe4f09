using System.Buffers.Binary;
using System.Runtime.InteropServices;
using StratoVirt.Linux;
using StratoVirt.Linux.Handles;
using StratoVirt.Linux.Net;
using StratoVirt.Linux.Storage;
using StratoVirt.Memory;

namespace StratoVirt.Backends.Net.Stream;

/// <summary>
/// Frames over a stream socket as QEMU's <c>-netdev stream</c> and passt exchange them: the length as a 32-bit
/// big-endian number, then the frame. A frame sent goes straight from guest memory; received ones are read in bulk,
/// many with one system call, and copied.
/// </summary>
internal sealed class StreamQueue : INetQueue
{
    private const int PrefixLength = 4;

    // Room for several of the longest frames and, usually, for all that the peer has sent since the last look.
    private const int BufferLength = 256 << 10;

    private readonly UnixSocket _socket;
    private readonly Action<string> _onGone;
    private readonly byte[] _received = GC.AllocateUninitializedArray<byte>(BufferLength);
    private readonly byte[] _unsent = GC.AllocateUninitializedArray<byte>(PrefixLength + NetFrame.MaxLength, pinned: true);
    private int _start;
    private int _end;
    private int _unsentStart;
    private int _unsentEnd;
    private bool _isGone;

    internal StreamQueue(UnixSocket socket, Action<string> onGone)
    {
        _socket = socket;
        _onGone = onGone;
    }

    /// <inheritdoc/>
    public FileDescriptor Descriptor => _socket;

    /// <inheritdoc/>
    public Errno LastError { get; private set; }

    /// <inheritdoc/>
    public NetStatus Send(ReadOnlySpan<byte> header, ReadOnlySpan<GuestBuffer> frame)
    {
        Flush();
        if (_isGone || _unsentStart != _unsentEnd)
        {
            return _isGone ? NetStatus.Gone : NetStatus.WouldBlock;
        }

        int length = 0;
        foreach (GuestBuffer part in frame)
        {
            length += part.Length;
        }

        if (length > NetFrame.MaxLength)
        {
            LastError = Errno.TooBig;
            return NetStatus.Dropped;
        }

        Span<byte> prefix = stackalloc byte[PrefixLength];
        BinaryPrimitives.WriteInt32BigEndian(prefix, length);
        Errno errno = PacketIo.Send(_socket, prefix, MemoryMarshal.Cast<GuestBuffer, IoVector>(frame), out int sent);
        if (errno != Errno.None)
        {
            return errno == Errno.Again ? NetStatus.WouldBlock : Lose(errno);
        }

        if (sent < PrefixLength + length)
        {
            KeepFrom(sent, prefix, frame);
        }

        return NetStatus.Done;
    }

    /// <inheritdoc/>
    public void Flush()
    {
        while (!_isGone && _unsentStart != _unsentEnd)
        {
            Errno errno = _socket.Send(_unsent.AsSpan(_unsentStart, _unsentEnd - _unsentStart), out int count);
            if (errno != Errno.None)
            {
                if (errno != Errno.Again)
                {
                    Lose(errno);
                }

                return;
            }

            _unsentStart += count;
        }
    }

    /// <inheritdoc/>
    public NetStatus Look()
    {
        // The end of a stream shows behind what was sent before it.
        while (!_isGone && _end - _start < BufferLength && Fill() == NetStatus.Done)
        {
        }

        return _isGone ? NetStatus.Gone : NetStatus.Done;
    }

    /// <inheritdoc/>
    public NetStatus Receive(Span<byte> header, ReadOnlySpan<GuestBuffer> frame, Span<byte> rest, out int length)
    {
        length = 0;
        int whole;
        while ((whole = NextLength()) == 0)
        {
            NetStatus status = Fill();
            if (status != NetStatus.Done)
            {
                return status;
            }
        }

        if (whole < 0)
        {
            return NetStatus.Gone;
        }

        ReadOnlySpan<byte> source = _received.AsSpan(_start + PrefixLength, whole);
        _start += PrefixLength + whole;
        header.Clear();
        foreach (GuestBuffer part in frame)
        {
            int run = Math.Min(part.Length, source.Length);
            source[..run].CopyTo(part.Span);
            source = source[run..];
            length += run;
        }

        int beside = Math.Min(rest.Length, source.Length);
        source[..beside].CopyTo(rest);
        length += beside;
        return NetStatus.Done;
    }

    /// <summary>Bytes of the next frame; 0 when it has not come whole, negative when what came is none.</summary>
    private int NextLength()
    {
        int available = _end - _start;
        if (_isGone)
        {
            return -1;
        }

        if (available < PrefixLength)
        {
            return 0;
        }

        uint length = BinaryPrimitives.ReadUInt32BigEndian(_received.AsSpan(_start));
        if (length is < NetFrame.MinLength or > NetFrame.MaxLength)
        {
            Lose($"its peer has sent a frame of {length} bytes, which cannot be");
            return -1;
        }

        return available >= PrefixLength + (int)length ? (int)length : 0;
    }

    private NetStatus Fill()
    {
        if (_start != 0)
        {
            _received.AsSpan(_start, _end - _start).CopyTo(_received);
            _end -= _start;
            _start = 0;
        }

        Errno errno = _socket.Read(_received.AsSpan(_end), out int count);
        if (errno == Errno.None && count != 0)
        {
            _end += count;
            return NetStatus.Done;
        }

        return errno == Errno.Again ? NetStatus.WouldBlock : Lose(errno);
    }

    private void KeepFrom(int sent, ReadOnlySpan<byte> prefix, ReadOnlySpan<GuestBuffer> frame)
    {
        _unsentStart = sent;
        _unsentEnd = PrefixLength;
        prefix.CopyTo(_unsent);
        foreach (GuestBuffer part in frame)
        {
            part.Span.CopyTo(_unsent.AsSpan(_unsentEnd));
            _unsentEnd += part.Length;
        }
    }

    private NetStatus Lose(Errno errno) => Lose(errno is Errno.None or Errno.BrokenPipe or Errno.ConnectionReset
        ? "its peer has closed the connection"
        : $"its connection failed with {errno}");

    private NetStatus Lose(string reason)
    {
        if (!_isGone)
        {
            _isGone = true;
            _onGone(reason);
        }

        return NetStatus.Gone;
    }
}
