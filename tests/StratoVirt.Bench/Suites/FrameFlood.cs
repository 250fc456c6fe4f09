using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using StratoVirt.Bench.Abi;

namespace StratoVirt.Bench.Suites;

/// <summary>Sends frames into an interface as fast as one thread can, until it is disposed of: many a call and past the
/// queueing discipline, so that what receives them is the limit rather than this.</summary>
internal sealed class FrameFlood : IDisposable
{
    private const int FramesEach = 64;

    private readonly Socket _socket = new(AddressFamily.Packet, SocketType.Raw, 0);
    private readonly Thread _thread;
    private volatile bool _ends;

    /// <summary>Begins.</summary>
    /// <param name="interfaceName">A network interface of the host.</param>
    /// <param name="size">Bytes of a frame.</param>
    public FrameFlood(string interfaceName, int size)
    {
        try
        {
            string index = File.ReadAllText($"/sys/class/net/{interfaceName}/ifindex");
            _socket.Bind(new PacketEndPoint(int.Parse(index, CultureInfo.InvariantCulture)));
            _socket.SetRawSocketOption(LibC.SOL_PACKET, LibC.PACKET_QDISC_BYPASS, [1, 0, 0, 0]);
        }
        catch
        {
            _socket.Dispose();
            throw;
        }

        _thread = new Thread(() => Send(size)) { IsBackground = true, Name = "sender" };
        _thread.Start();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _ends = true;
        _thread.Join();
        _socket.Dispose();
    }

    private void Send(int size)
    {
        byte[] frame = GC.AllocateArray<byte>(size, pinned: true);
        ReadOnlySpan<byte> header = [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, .. PacketEndPoint.EtherType];
        header.CopyTo(frame);
        iovec[] bytes = GC.AllocateArray<iovec>(1, pinned: true);
        bytes[0] = new iovec { iov_base = AddressOf(frame), iov_len = (nuint)size };
        mmsghdr[] messages = GC.AllocateArray<mmsghdr>(FramesEach, pinned: true);
        Array.Fill(messages, new mmsghdr { msg_iov = AddressOf(bytes), msg_iovlen = 1 });

        while (!_ends)
        {
            // While no VMM has joined, and when the queue is full, the interface refuses.
            if (LibC.sendmmsg(_socket.Handle, AddressOf(messages), FramesEach, 0) < 0)
            {
                Thread.Sleep(Marshal.GetLastPInvokeError() == LibC.ENOBUFS ? 0 : 1);
            }
        }

        GC.KeepAlive(frame);
        GC.KeepAlive(bytes);
    }

    private static nint AddressOf<T>(T[] pinned) => Marshal.UnsafeAddrOfPinnedArrayElement(pinned, 0);

    // struct sockaddr_ll of packet(7).
    private sealed class PacketEndPoint(int interfaceIndex) : EndPoint
    {
        // For local experiments, in network order; the guest looks for it.
        public static ReadOnlySpan<byte> EtherType => [0x88, 0xB5];

        public override AddressFamily AddressFamily => AddressFamily.Packet;

        public override SocketAddress Serialize()
        {
            const int Size = 20;
            var address = new SocketAddress(AddressFamily.Packet, Size);
            for (int i = 0; i < sizeof(int); i++)
            {
                address[4 + i] = (byte)(interfaceIndex >> (8 * i));
            }

            return address;
        }
    }
}
