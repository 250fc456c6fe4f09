using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace StratoVirt.Bench.Suites;

/// <summary>A tap interface that both VMMs join, and a sender of frames to whoever has joined it.</summary>
internal sealed class BenchTap : IDisposable
{
    private const string Ip = "/usr/sbin/ip";

    private BenchTap(string name) => Name = name;

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Makes the interface and brings it up.</summary>
    /// <exception cref="BenchException">The host does not let us.</exception>
    public static BenchTap Create()
    {
        if (!File.Exists(Ip) || !File.Exists("/dev/net/tun") || !Environment.IsPrivilegedProcess)
        {
            throw new BenchException($"a tap interface takes root, /dev/net/tun and {Ip} (package iproute2)");
        }

        var tap = new BenchTap(string.Create(CultureInfo.InvariantCulture, $"svb{Environment.ProcessId}"));
        Run("tuntap", "add", "dev", tap.Name, "mode", "tap");
        try
        {
            // The host's own greetings would be frames that nobody asked for.
            string ipv6 = $"/proc/sys/net/ipv6/conf/{tap.Name}/disable_ipv6";
            if (File.Exists(ipv6))
            {
                File.WriteAllText(ipv6, "1");
            }

            Run("link", "set", tap.Name, "up");
            return tap;
        }
        catch
        {
            tap.Dispose();
            throw;
        }
    }

    /// <summary>Sends frames as fast as one thread can until it is disposed of.</summary>
    /// <param name="size">Bytes of a frame.</param>
    public IDisposable Flood(int size) => new Sender(Name, size);

    /// <inheritdoc/>
    public void Dispose() => Run("link", "delete", Name);

    private static void Run(params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(Ip, arguments) { RedirectStandardError = true })!;
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new BenchException($"ip {string.Join(' ', arguments)}: {error.Trim()}");
        }
    }

    private sealed class Sender : IDisposable
    {
        private readonly Socket _socket;
        private readonly Thread _thread;
        private volatile bool _ends;

        public Sender(string tap, int size)
        {
            byte[] frame = new byte[size];
            ReadOnlySpan<byte> header = [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, .. PacketEndPoint.EtherType];
            header.CopyTo(frame);
            _socket = new Socket(AddressFamily.Packet, SocketType.Raw, 0);
            try
            {
                _socket.Bind(new PacketEndPoint(int.Parse(File.ReadAllText($"/sys/class/net/{tap}/ifindex"), CultureInfo.InvariantCulture)));
            }
            catch
            {
                _socket.Dispose();
                throw;
            }

            _thread = new Thread(() => Send(frame)) { IsBackground = true, Name = "sender" };
            _thread.Start();
        }

        public void Dispose()
        {
            _ends = true;
            _thread.Join();
            _socket.Dispose();
        }

        private void Send(byte[] frame)
        {
            while (!_ends)
            {
                // While no VMM has joined, and when the queue is full, the interface refuses.
                _socket.Send(frame, SocketFlags.None, out SocketError error);
                if (error is not SocketError.Success)
                {
                    Thread.Sleep(error == SocketError.NoBufferSpaceAvailable ? 0 : 1);
                }
            }
        }
    }

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
