using System.Runtime.InteropServices;
using StratoVirt.Backends.Vsock;
using StratoVirt.Devices.Virtio.Queue;
using StratoVirt.Devices.Virtio.Vsock;
using StratoVirt.Linux;
using StratoVirt.Linux.Net;
using StratoVirt.Testing.Virtio;
using Xunit;

namespace StratoVirt.Devices.Tests.Virtio.Vsock;

/// <summary>A guest's socket driver, packet by packet, and the host it runs on. The device moves only when told.</summary>
internal sealed class VsockGuest : IDisposable
{
    internal const uint Cid = 42;
    internal const int RxLength = 4096;
    internal const uint Allocation = 64 << 10;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("stratovirt-vsock-");
    private readonly Dictionary<ushort, DriverBuffer> _rx = [];
    private readonly Stack<DriverBuffer> _rxFree = new();
    private readonly DriverBuffer _tx;

    internal VsockGuest(
        int maxConnections = 64, int rxBuffers = 32, bool listens = false, VirtqueueOptions options = VirtqueueOptions.None)
    {
        Path = System.IO.Path.Combine(_directory.FullName, "v.sock");
        Rig = new DeviceUnderTest<VsockDevice>(
            thread => new VsockDevice(
                new VsockConfiguration { GuestCid = Cid, MaxConnections = maxConnections }, new VsockSockets(Path), thread),
            options: options,
            listens: listens);
        _tx = Rig.Memory.Writable(VsockHeader.Size + (128 << 10)) with { IsWritable = false };
        Supply(rxBuffers);
    }

    internal string Path { get; }

    internal DeviceUnderTest<VsockDevice> Rig { get; }

    internal VsockDevice Device => Rig.Device;

    /// <summary>The credit told with every packet.</summary>
    internal uint Forwarded { get; set; }

    internal uint BufferAllocation { get; set; } = Allocation;

    /// <summary>Adds receive buffers, and has the device look.</summary>
    internal void Supply(int count, int length = RxLength)
    {
        for (int i = 0; i < count; i++)
        {
            DriverBuffer buffer = length == RxLength && _rxFree.TryPop(out DriverBuffer free) ? free : Rig.Memory.Writable(length);
            _rx[Rig.Queues[0].Add([buffer])] = buffer;
        }

        Rig.Queues[0].Kick();
        Rig.Serve(0);
    }

    /// <summary>Sends one packet.</summary>
    internal void Send(
        VsockOperation operation, uint hostPort, uint guestPort, ReadOnlySpan<byte> payload = default, uint flags = 0) =>
        Send(Header(operation, hostPort, guestPort) with { Length = (uint)payload.Length, Flags = flags }, payload);

    internal VsockHeader Header(VsockOperation operation, uint hostPort, uint guestPort) => new()
    {
        SourceCid = Cid,
        DestinationCid = VsockConfiguration.HostCid,
        SourcePort = guestPort,
        DestinationPort = hostPort,
        Type = VsockSocketType.Stream,
        Operation = operation,
        BufferAllocation = BufferAllocation,
        Forwarded = Forwarded,
    };

    /// <summary>Sends any packet at all.</summary>
    internal void Send(in VsockHeader header, ReadOnlySpan<byte> payload = default)
    {
        Span<byte> memory = Rig.Memory.Span(_tx);
        MemoryMarshal.Write(memory, header);
        payload.CopyTo(memory[VsockHeader.Size..]);
        SendRaw((uint)(VsockHeader.Size + payload.Length));
    }

    /// <summary>Sends the first bytes of what is in the transmit buffer.</summary>
    internal void SendRaw(uint length)
    {
        ushort id = Rig.Queues[1].Add([_tx with { Length = length }]);
        Rig.Queues[1].Kick();
        Rig.Serve(1);
        if (Rig.Queues[1].TryCollect(out UsedElement used))
        {
            Assert.Equal(new UsedElement(id, 0), used);
        }
    }

    /// <summary>Sends packets that the device finds in one round.</summary>
    internal void SendTogether(params ReadOnlySpan<(VsockHeader Header, byte[] Payload)> packets)
    {
        foreach ((VsockHeader header, byte[] payload) in packets)
        {
            DriverBuffer buffer = Rig.Memory.Writable(VsockHeader.Size + payload.Length) with { IsWritable = false };
            Span<byte> memory = Rig.Memory.Span(buffer);
            MemoryMarshal.Write(memory, header with { Length = (uint)payload.Length });
            payload.CopyTo(memory[VsockHeader.Size..]);
            _ = Rig.Queues[1].Add([buffer]);
        }

        Rig.Queues[1].Kick();
        Rig.Serve(1);
        for (int i = 0; i < packets.Length; i++)
        {
            Assert.True(Rig.Queues[1].TryCollect(out _), "a packet was not taken");
        }
    }

    /// <summary>Has the device look at the host's sockets.</summary>
    internal void PollHost() => Rig.Thread.Invoke(Device.PollHost);

    internal void Sweep() => Rig.Thread.Invoke(Device.Sweep);

    /// <summary>Takes the next packet; the buffer goes back at once.</summary>
    internal bool TryReceive(out VsockHeader header, out byte[] payload)
    {
        header = default;
        payload = [];
        if (!Rig.Queues[0].TryCollect(out UsedElement used))
        {
            return false;
        }

        DriverBuffer buffer = _rx[used.Id];
        _rx.Remove(used.Id);
        Span<byte> bytes = Rig.Memory.Span(buffer)[..(int)used.Written];
        header = MemoryMarshal.Read<VsockHeader>(bytes);
        payload = bytes[VsockHeader.Size..].ToArray();
        Assert.Equal((uint)payload.Length, header.Operation == VsockOperation.ReadWrite ? header.Length : 0);
        Assert.Equal((Cid, VsockSocketType.Stream), ((uint)header.DestinationCid, header.Type));
        _rxFree.Push(buffer);
        return true;
    }

    /// <summary>Takes the next packet, whatever it is, and gives a buffer for another.</summary>
    internal bool TryCollectAny()
    {
        if (!Rig.Queues[0].TryCollect(out UsedElement used))
        {
            return false;
        }

        _rx.Remove(used.Id, out DriverBuffer buffer);
        _rxFree.Push(buffer);
        Supply(1);
        return true;
    }

    /// <summary>Takes the next packet, which must be this.</summary>
    internal VsockHeader Expect(VsockOperation operation, out byte[] payload)
    {
        Assert.True(TryReceive(out VsockHeader header, out payload), $"no {operation} came");
        Assert.Equal(operation, header.Operation);
        return header;
    }

    internal VsockHeader Expect(VsockOperation operation) => Expect(operation, out _);

    internal void ExpectNothing() => Assert.False(TryReceive(out VsockHeader header, out _), $"{header.Operation} came");

    /// <summary>Listens for a port of the host.</summary>
    internal UnixSocket Listen(uint port) => UnixSocket.Listen($"{Path}_{port}", backlog: 2048);

    /// <summary>A guest's connection to a process that listens.</summary>
    internal UnixSocket ConnectToHost(UnixSocket listener, uint hostPort, uint guestPort)
    {
        Send(VsockOperation.Request, hostPort, guestPort);
        VsockHeader response = Expect(VsockOperation.Response);
        Assert.Equal((hostPort, guestPort), (response.SourcePort, response.DestinationPort));
        return listener.TryAccept(out _) ?? throw new InvalidOperationException("Nobody connected.");
    }

    /// <summary>A process's connection to a port of the guest.</summary>
    internal UnixSocket ConnectToGuest(uint guestPort, out uint hostPort)
    {
        UnixSocket socket = UnixSocket.Connect(Path);
        Write(socket, System.Text.Encoding.ASCII.GetBytes($"CONNECT {guestPort}\n"));
        PollHost();
        PollHost();
        VsockHeader request = Expect(VsockOperation.Request);
        Assert.Equal(guestPort, request.DestinationPort);
        hostPort = request.SourcePort;
        Send(VsockOperation.Response, hostPort, guestPort);
        Assert.Equal($"OK {hostPort}\n", System.Text.Encoding.ASCII.GetString(Read(socket)));
        return socket;
    }

    internal static void Write(UnixSocket socket, ReadOnlySpan<byte> data)
    {
        Assert.Equal(Errno.None, socket.Send(data, out int count));
        Assert.Equal(data.Length, count);
    }

    /// <summary>Everything that is there.</summary>
    internal static byte[] Read(UnixSocket socket)
    {
        byte[] all = [];
        byte[] buffer = new byte[64 << 10];
        while (socket.Read(buffer, out int count) == Errno.None && count > 0)
        {
            all = [.. all, .. buffer[..count]];
        }

        return all;
    }

    internal static bool IsAtEnd(UnixSocket socket)
    {
        byte[] one = new byte[1];
        Errno errno = socket.Read(one, out int count);
        return count == 0 && errno != Errno.Again;
    }

    public void Dispose()
    {
        Assert.Empty(Rig.Faults);
        Assert.Null(Rig.Memory.FirstDamage);
        Rig.Dispose();
        Assert.False(File.Exists(Path));
        _directory.Delete(recursive: true);
    }
}
