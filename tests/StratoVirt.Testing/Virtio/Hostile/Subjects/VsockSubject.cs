using System.Buffers.Binary;
using StratoVirt.Backends.Io;
using StratoVirt.Backends.Vsock;
using StratoVirt.Devices.Virtio;
using StratoVirt.Devices.Virtio.Vsock;
using StratoVirt.Linux;
using StratoVirt.Linux.Net;

namespace StratoVirt.Testing.Virtio.Hostile.Subjects;

/// <summary>A socket device between real Unix sockets, which processes of the host open, fill, shut and leave.</summary>
public sealed class VsockSubject : DeviceSubject
{
    private const uint Cid = 42;
    private const int HeaderLength = 44;
    private const int ReceiveQueue = 0;
    private const int SendQueue = 1;
    private const int MostSockets = 12;
    private const uint FirstListenPort = 1000;
    private const int ListenPorts = 2;
    private const uint FirstGivenPort = 1u << 30;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("stratovirt-hostile-");
    private readonly List<UnixSocket> _sockets = [];
    private readonly List<UnixSocket> _listeners = [];

    // Ports packets are about: those the guest has heard of, so that most packets find a connection.
    private readonly List<(uint Host, uint Guest)> _known = [];
    private int _lives;
    private string _path = string.Empty;

    /// <inheritdoc/>
    public override int ProbeQueue => SendQueue;

    /// <inheritdoc/>
    public override bool TryCompose(int queue, ulong features, RequestPlan plan, ref Choices choices)
    {
        if (queue != SendQueue)
        {
            int room = queue != ReceiveQueue ? 8 : choices.Once(4) ? HeaderLength + 1 + choices.Below(100) : 4096;
            plan.WithSplit(Memory.Writable(room), choices.Once(2) ? choices.Below(room) : 0);
            return true;
        }

        ushort operation = (ushort)(choices.Below(4) switch { 0 => 1, 1 => 2 + choices.Below(6), _ => 5 });
        (uint host, uint guest) = _known.Count > 0 && operation != 1
            ? _known[choices.Below(_known.Count)]
            : ((uint)(FirstListenPort + (ulong)choices.Below(ListenPorts + 1)), (uint)(5000 + choices.Below(8)));
        byte[] packet = new byte[HeaderLength + (operation == 5 ? choices.Below(2000) : 0)];
        BinaryPrimitives.WriteUInt64LittleEndian(packet, Cid);
        BinaryPrimitives.WriteUInt64LittleEndian(packet.AsSpan(8), choices.Once(32) ? choices.Word(2) : 2);
        BinaryPrimitives.WriteUInt32LittleEndian(packet.AsSpan(16), guest);
        BinaryPrimitives.WriteUInt32LittleEndian(packet.AsSpan(20), host);
        BinaryPrimitives.WriteInt32LittleEndian(packet.AsSpan(24), choices.Once(16) ? (int)choices.Word(64) : packet.Length - HeaderLength);
        BinaryPrimitives.WriteUInt16LittleEndian(packet.AsSpan(28), choices.Once(32) ? (ushort)2 : (ushort)1);
        BinaryPrimitives.WriteUInt16LittleEndian(packet.AsSpan(30), operation);
        BinaryPrimitives.WriteInt32LittleEndian(packet.AsSpan(32), operation == 4 ? choices.Below(4) : 0);
        BinaryPrimitives.WriteUInt32LittleEndian(packet.AsSpan(36), choices.Once(8) ? (uint)choices.Word(4096) : 64 << 10);
        BinaryPrimitives.WriteUInt32LittleEndian(packet.AsSpan(40), choices.Once(8) ? (uint)choices.Word(4096) : 0);
        Learn((host, guest));
        plan.WithSplit(Memory.Readable(packet), choices.Once(2) ? choices.Below(packet.Length) : 0);
        return true;
    }

    /// <inheritdoc/>
    public override string? Judge(int queue, RequestPlan plan, uint written)
    {
        if (queue == SendQueue)
        {
            return written == 0 ? null : $"{written} bytes were written to a packet that was sent";
        }

        if (queue != ReceiveQueue)
        {
            return written == 4 ? null : $"an event has {written} bytes";
        }

        byte[] packet = plan.Copy(Memory, writable: true);
        if (written == 0)
        {
            // The device has given up on this driver and returns what it took.
            return null;
        }

        uint length = BinaryPrimitives.ReadUInt32LittleEndian(packet.AsSpan(24));
        ushort operation = BinaryPrimitives.ReadUInt16LittleEndian(packet.AsSpan(30));
        Learn((BinaryPrimitives.ReadUInt32LittleEndian(packet.AsSpan(16)), BinaryPrimitives.ReadUInt32LittleEndian(packet.AsSpan(20))));
        return written < HeaderLength || operation is 0 or > 7 || BinaryPrimitives.ReadUInt64LittleEndian(packet.AsSpan(8)) != Cid
            || written - HeaderLength != (operation == 5 ? length : 0)
            ? $"a packet of operation {operation}, {length} bytes, came in {written}"
            : null;
    }

    /// <inheritdoc/>
    public override void Act(ref Choices choices)
    {
        UnixSocket? socket = _sockets.Count > 0 ? _sockets[choices.Below(_sockets.Count)] : null;
        Span<byte> bytes = stackalloc byte[2048];
        switch (choices.Below(12))
        {
            case 0 or 1:
                Arrive(ref choices);
                break;
            case 2 or 3:
                Accept();
                break;
            case 4 or 5 or 6:
                bytes.Fill((byte)'h');
                socket?.Send(bytes[..choices.Below(bytes.Length)], out _);
                break;
            case 7 or 8:
                socket?.Read(bytes, out _);
                break;
            case 9:
                socket?.Shutdown(choices.Once(2), choices.Once(2));
                break;
            case 10 when socket is not null:
                _sockets.Remove(socket);
                socket.Dispose();
                break;
            default:
                if (socket is not null)
                {
                    while (socket.Read(bytes, out int count) == Errno.None && count > 0)
                    {
                    }
                }

                break;
        }
    }

    /// <inheritdoc/>
    protected override VirtioDevice Make(IoThread thread)
    {
        LeaveAll();
        _path = Path.Combine(_directory.FullName, $"v{_lives++}");
        for (uint port = 0; port < ListenPorts; port++)
        {
            _listeners.Add(UnixSocket.Listen($"{_path}_{FirstListenPort + port}"));
        }

        return new VsockDevice(new VsockConfiguration { GuestCid = Cid, MaxConnections = 8 }, new VsockSockets(_path), thread);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        LeaveAll();
        _directory.Delete(recursive: true);
        base.Dispose(disposing);
    }

    private void LeaveAll()
    {
        _sockets.ForEach(socket => socket.Dispose());
        _listeners.ForEach(listener => listener.Dispose());
        _sockets.Clear();
        _listeners.Clear();
        _known.Clear();
    }

    private void Learn((uint Host, uint Guest) ports)
    {
        if (_known.Count >= 8)
        {
            _known.RemoveAt(0);
        }

        _known.Add(ports);
    }

    private void Arrive(ref Choices choices)
    {
        if (_sockets.Count >= MostSockets || UnixSocket.TryConnect(_path, out _) is not { } socket)
        {
            return;
        }

        _sockets.Add(socket);
        string command = choices.Once(8) ? "CONNECT 99999999999\nx" : choices.Once(8) ? "CONN" : $"CONNECT {5000 + choices.Below(8)}\n";
        socket.Send(System.Text.Encoding.ASCII.GetBytes(command), out _);
        Learn((FirstGivenPort + (uint)choices.Below(4), (uint)(5000 + choices.Below(8))));
    }

    private void Accept()
    {
        foreach (UnixSocket listener in _listeners)
        {
            if (_sockets.Count < MostSockets && listener.TryAccept(out _) is { } socket)
            {
                _sockets.Add(socket);
            }
        }
    }
}
