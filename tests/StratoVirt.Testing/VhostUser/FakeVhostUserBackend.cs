using System.Buffers.Binary;
using StratoVirt.Backends.VhostUser;
using StratoVirt.Linux;
using StratoVirt.Linux.Handles;
using StratoVirt.Linux.Net;

namespace StratoVirt.Testing.VhostUser;

/// <summary>A request as the back-end received it.</summary>
/// <param name="Request">Its number in the protocol.</param>
/// <param name="Flags">Flags of the header.</param>
/// <param name="Payload">What followed.</param>
/// <param name="Descriptors">What came beside it; the back-end's.</param>
public sealed record VhostUserMessage(uint Request, uint Flags, byte[] Payload, IReadOnlyList<FileDescriptor> Descriptors);

/// <summary>
/// The other end of a vhost-user connection, on a thread of its own. It answers as the protocol asks, or as the test
/// says; it serves no queue.
/// </summary>
public sealed class FakeVhostUserBackend : IVhostUserBackend
{
    /// <summary>VHOST_USER_GET_FEATURES.</summary>
    public const uint GetFeatures = 1;

    /// <summary>VHOST_USER_SET_MEM_TABLE.</summary>
    public const uint SetMemoryTable = 5;

    /// <summary>VHOST_USER_GET_VRING_BASE.</summary>
    public const uint GetVringBase = 11;

    /// <summary>VHOST_USER_SET_VRING_KICK.</summary>
    public const uint SetVringKick = 12;

    /// <summary>VHOST_USER_SET_VRING_CALL.</summary>
    public const uint SetVringCall = 13;

    private const int HeaderLength = 12;
    private const uint NeedReply = 8;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("stratovirt-vhost-");
    private readonly UnixSocket _socket;
    private readonly Thread _thread;
    private readonly List<VhostUserMessage> _received = [];
    private volatile bool _stopping;

    /// <summary>Makes both ends of a connection.</summary>
    /// <param name="patience">How long the front-end waits for an answer.</param>
    public FakeVhostUserBackend(TimeSpan? patience = null)
    {
        using UnixSocket listener = UnixSocket.Listen(Path.Combine(_directory.FullName, "s"));
        Frontend = new VhostUserFrontend(
            UnixSocket.Connect(Path.Combine(_directory.FullName, "s")), patience ?? TimeSpan.FromSeconds(20));
        _socket = listener.TryAccept(out _)!;
        _thread = new Thread(Serve) { IsBackground = true, Name = "vhost-fake" };
        _thread.Start();
    }

    /// <inheritdoc/>
    public VhostUserFrontend Frontend { get; }

    /// <summary>What GET_FEATURES says: VIRTIO_F_VERSION_1, both ring features, and protocol features.</summary>
    public ulong Features { get; set; } = (1UL << 32) | (1UL << 30) | (1UL << 29) | (1UL << 28);

    /// <summary>What GET_PROTOCOL_FEATURES says: queue count, acknowledgements.</summary>
    public ulong ProtocolFeatures { get; set; } = (1UL << 0) | (1UL << 3);

    /// <summary>What GET_QUEUE_NUM says.</summary>
    public ulong QueueCount { get; set; } = 2;

    /// <summary>What GET_VRING_BASE says of every queue.</summary>
    public uint Position { get; set; }

    /// <summary>Overrides the answer to a request: given the request, the bytes to send; null: the usual.</summary>
    public Func<VhostUserMessage, byte[]?>? Answer { get; set; }

    /// <summary>Whether it was ended.</summary>
    public bool IsKilled { get; private set; }

    /// <summary>Every request so far. Those of a call of the front-end are there when it returns, with acknowledgements.</summary>
    public IReadOnlyList<VhostUserMessage> Received
    {
        get
        {
            lock (_received)
            {
                return [.. _received];
            }
        }
    }

    /// <summary>A whole reply.</summary>
    public static byte[] Reply(uint request, ReadOnlySpan<byte> payload, uint flags = 5, uint? length = null)
    {
        byte[] message = new byte[HeaderLength + payload.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(message, request);
        BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(4), flags);
        BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(8), length ?? (uint)payload.Length);
        payload.CopyTo(message.AsSpan(HeaderLength));
        return message;
    }

    /// <summary>A reply of one number.</summary>
    public static byte[] Reply(uint request, ulong value)
    {
        byte[] payload = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(payload, value);
        return Reply(request, payload);
    }

    /// <summary>Sends unasked.</summary>
    public void Send(ReadOnlySpan<byte> message, params ReadOnlySpan<FileDescriptor> descriptors) =>
        _socket.Send(message, descriptors, out _);

    /// <summary>Rings a queue's call.</summary>
    public void Call(int queue)
    {
        byte[] one = [1, 0, 0, 0, 0, 0, 0, 0];
        FileDescriptor call = Received.Last(message => message.Request == SetVringCall && message.Payload[0] == queue).Descriptors[0];
        call.Write(one, out _);
    }

    /// <summary>Ends the connection, as a process that dies.</summary>
    public void Die()
    {
        _stopping = true;
        _socket.Shutdown(reading: true, writing: true);
        _thread.Join();
    }

    /// <inheritdoc/>
    public void Kill() => IsKilled = true;

    /// <inheritdoc/>
    public string DescribeEnd() => "the fake ended";

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_socket.IsClosed)
        {
            return;
        }

        Kill();
        Die();
        Frontend.Dispose();
        _socket.Dispose();
        foreach (FileDescriptor descriptor in _received.SelectMany(message => message.Descriptors))
        {
            descriptor.Dispose();
        }

        _directory.Delete(recursive: true);
    }

    private void Serve()
    {
        using Epoll ready = Epoll.Create();
        ready.Add(_socket, EpollEvents.In, 0);
        Span<EpollEvent> one = stackalloc EpollEvent[1];
        while (!_stopping)
        {
            ready.Wait(one, Timeout.Infinite);
            if (!TryReceive(out VhostUserMessage? message))
            {
                return;
            }

            if ((Answer?.Invoke(message) ?? Usual(message)) is { Length: > 0 } answer)
            {
                _socket.Send(answer, out _);
            }
        }
    }

    private bool TryReceive(out VhostUserMessage message)
    {
        message = null!;
        byte[] header = new byte[HeaderLength];
        var descriptors = new FileDescriptor?[UnixSocket.MaxDescriptors];
        if (_socket.Receive(header, descriptors, out int count, out int received) != Errno.None || count != HeaderLength)
        {
            return false;
        }

        byte[] payload = new byte[BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(8))];
        if (payload.Length > 0 && (_socket.Read(payload, out count) != Errno.None || count != payload.Length))
        {
            return false;
        }

        message = new VhostUserMessage(
            BinaryPrimitives.ReadUInt32LittleEndian(header),
            BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(4)),
            payload,
            [.. descriptors.Take(received).Select(descriptor => descriptor!)]);
        lock (_received)
        {
            _received.Add(message);
        }

        return true;
    }

    private byte[] Usual(VhostUserMessage message) => message.Request switch
    {
        GetFeatures => Reply(GetFeatures, Features),
        15 => Reply(15, ProtocolFeatures),
        17 => Reply(17, QueueCount),
        GetVringBase => Reply(GetVringBase, [.. message.Payload[..4], .. BitConverter.GetBytes(Position)]),
        _ => (message.Flags & NeedReply) != 0 ? Reply(message.Request, 0) : [],
    };
}
