using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using StratoVirt.Backends.Io;
using StratoVirt.Backends.Vsock;
using StratoVirt.Devices.Virtio.Queue;
using StratoVirt.Devices.Virtio.Vsock;
using StratoVirt.Linux.Net;
using StratoVirt.Testing.Virtio;
using Xunit;

namespace StratoVirt.Devices.Tests.Virtio.Vsock;

public sealed class VsockDeviceTests
{
    private const uint HostPort = 1024;
    private const uint GuestPort = 5000;

    [Fact]
    public void Configuration_space_holds_the_cid()
    {
        using var guest = new VsockGuest();
        Assert.Equal((ulong)VsockGuest.Cid, guest.Rig.ReadConfiguration<ulong>(0));
        Assert.Equal(VsockGuest.Cid, guest.Rig.ReadConfiguration<uint>(0));
        Assert.Equal(0U, guest.Rig.ReadConfiguration<uint>(4));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(uint.MaxValue)]
    public void Reserved_cids_are_refused(uint cid)
    {
        DirectoryInfo directory = Directory.CreateTempSubdirectory("stratovirt-vsock-");
        string path = Path.Combine(directory.FullName, "v");
        using var thread = new IoThread("vsock-test", _ => { });
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            new VsockDevice(new VsockConfiguration { GuestCid = cid }, new VsockSockets(path), thread));
        Assert.False(File.Exists(path));
        directory.Delete(recursive: true);
    }

    [Fact]
    public void The_header_is_laid_out_as_the_specification_says()
    {
        Assert.Equal(44, Unsafe.SizeOf<VsockHeader>());
        var header = new VsockHeader { Operation = VsockOperation.CreditRequest, Forwarded = 0x01020304 };
        Span<byte> bytes = MemoryMarshal.AsBytes(new Span<VsockHeader>(ref header));
        Assert.Equal(7, BinaryPrimitives.ReadUInt16LittleEndian(bytes[30..]));
        Assert.Equal(0x01020304U, BinaryPrimitives.ReadUInt32LittleEndian(bytes[40..]));
    }

    [Theory]
    [InlineData(VirtqueueOptions.None)]
    [InlineData(VirtqueueOptions.EventIndex)]
    [InlineData(VirtqueueOptions.Packed)]
    [InlineData(VirtqueueOptions.Packed | VirtqueueOptions.EventIndex)]
    public void A_guest_reaches_a_listening_process(VirtqueueOptions options)
    {
        using var guest = new VsockGuest(options: options);
        using UnixSocket listener = guest.Listen(HostPort);
        using UnixSocket process = guest.ConnectToHost(listener, HostPort, GuestPort);

        guest.Send(VsockOperation.ReadWrite, HostPort, GuestPort, "to the host"u8);
        Assert.Equal("to the host"u8, VsockGuest.Read(process));
        VsockGuest.Write(process, "to the guest"u8);
        guest.PollHost();
        VsockHeader header = guest.Expect(VsockOperation.ReadWrite, out byte[] payload);
        Assert.Equal("to the guest"u8, payload);
        Assert.Equal((2UL, HostPort, GuestPort), (header.SourceCid, header.SourcePort, header.DestinationPort));
        Assert.Equal(11U, header.Forwarded);
        Assert.Equal((uint)VsockConnection.BufferAllocation, header.BufferAllocation);
        Assert.Equal((1, 1UL), (guest.Device.Metrics.Connections, guest.Device.Metrics.Opened));
        Assert.True(guest.Rig.Interrupts.Of(0) > 0 && guest.Rig.Interrupts.Of(1) > 0);
    }

    [Fact]
    public void A_port_nobody_listens_on_is_refused()
    {
        using var guest = new VsockGuest();
        guest.Send(VsockOperation.Request, HostPort, GuestPort);
        VsockHeader reset = guest.Expect(VsockOperation.Reset);
        Assert.Equal((HostPort, GuestPort), (reset.SourcePort, reset.DestinationPort));
        Assert.Equal(0, guest.Device.Metrics.Connections);
    }

    [Fact]
    public void A_process_reaches_a_port_of_the_guest()
    {
        using var guest = new VsockGuest();
        using UnixSocket first = guest.ConnectToGuest(52, out uint firstPort);
        using UnixSocket second = guest.ConnectToGuest(52, out uint secondPort);
        Assert.NotEqual(firstPort, secondPort);

        guest.Send(VsockOperation.ReadWrite, secondPort, 52, "second"u8);
        Assert.Equal("second"u8, VsockGuest.Read(second));
        Assert.Empty(VsockGuest.Read(first));

        // "OK" is not the guest's data: nothing of it is counted.
        VsockGuest.Write(first, "x"u8);
        guest.PollHost();
        Assert.Equal(0U, guest.Expect(VsockOperation.ReadWrite).Forwarded);
    }

    [Fact]
    public void Data_right_behind_the_command_belong_to_the_guest()
    {
        using var guest = new VsockGuest();
        using UnixSocket process = UnixSocket.Connect(guest.Path);
        VsockGuest.Write(process, "CONNECT 52\nhello"u8);
        guest.PollHost();
        guest.PollHost();
        uint port = guest.Expect(VsockOperation.Request).SourcePort;
        guest.Send(VsockOperation.Response, port, 52);
        guest.PollHost();
        guest.Expect(VsockOperation.ReadWrite, out byte[] payload);
        Assert.Equal("hello"u8, payload);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\n")]
    [InlineData("CONNECT 99999999999\n")]
    [InlineData("CONNECT \n")]
    public void A_process_that_speaks_otherwise_is_disconnected(string words)
    {
        using var guest = new VsockGuest();
        using UnixSocket process = UnixSocket.Connect(guest.Path);
        VsockGuest.Write(process, System.Text.Encoding.ASCII.GetBytes(words));
        guest.PollHost();
        guest.PollHost();
        Assert.True(VsockGuest.IsAtEnd(process));
        guest.ExpectNothing();
        Assert.Equal(0, guest.Device.Metrics.Connections);
    }

    [Fact]
    public void A_guest_that_refuses_a_process_disconnects_it()
    {
        using var guest = new VsockGuest();
        using UnixSocket process = UnixSocket.Connect(guest.Path);
        VsockGuest.Write(process, "CONNECT 52\n"u8);
        guest.PollHost();
        guest.PollHost();
        guest.Send(VsockOperation.Reset, guest.Expect(VsockOperation.Request).SourcePort, 52);
        Assert.True(VsockGuest.IsAtEnd(process));
        guest.ExpectNothing();
    }

    [Fact]
    public void A_guest_that_does_not_answer_a_process_is_given_up()
    {
        using var guest = new VsockGuest();
        using UnixSocket process = UnixSocket.Connect(guest.Path);
        VsockGuest.Write(process, "CONNECT 52\n"u8);
        guest.PollHost();
        guest.PollHost();
        guest.Expect(VsockOperation.Request);
        guest.Sweep();
        Assert.False(VsockGuest.IsAtEnd(process));
        guest.Sweep();
        guest.Expect(VsockOperation.Reset);
        Assert.True(VsockGuest.IsAtEnd(process));
    }

    [Fact]
    public void Two_megabytes_each_way_arrive_as_they_were_sent()
    {
        using var guest = new VsockGuest();
        using UnixSocket listener = guest.Listen(HostPort);
        using UnixSocket process = guest.ConnectToHost(listener, HostPort, GuestPort);
        byte[] sent = RandomNumberGenerator.GetBytes(2 << 20);

        using var up = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        uint told = 0;
        for (int at = 0; at < sent.Length;)
        {
            int room = (int)Math.Min(VsockConnection.BufferAllocation - ((uint)at - told), 60_000);
            int run = Math.Min(room, sent.Length - at);
            Assert.True(run > 0, "the guest was left without credit");
            guest.Send(VsockOperation.ReadWrite, HostPort, GuestPort, sent.AsSpan(at, run));
            at += run;
            up.AppendData(VsockGuest.Read(process));
            guest.PollHost();
            up.AppendData(VsockGuest.Read(process));
            while (guest.TryReceive(out VsockHeader header, out _))
            {
                Assert.Equal(VsockOperation.CreditUpdate, header.Operation);
                told = header.Forwarded;
            }

            guest.Supply(guest.Rig.Queues[0].FreeDescriptors - 90);
        }

        Assert.Equal(SHA256.HashData(sent), up.GetHashAndReset());

        using var down = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        int written = 0;
        while (guest.Forwarded < sent.Length)
        {
            _ = process.Send(sent.AsSpan(written), out int count);
            written += count;
            guest.PollHost();
            while (guest.TryReceive(out VsockHeader header, out byte[] payload))
            {
                if (header.Operation == VsockOperation.ReadWrite)
                {
                    down.AppendData(payload);
                    guest.Forwarded += header.Length;
                }
            }

            guest.Supply(guest.Rig.Queues[0].FreeDescriptors - 90);
            guest.Send(VsockOperation.CreditUpdate, HostPort, GuestPort);
        }

        Assert.Equal(SHA256.HashData(sent), down.GetHashAndReset());
    }

    [Fact]
    public void Nothing_is_sent_to_a_guest_without_credit()
    {
        using var guest = new VsockGuest { BufferAllocation = 5000 };
        using UnixSocket listener = guest.Listen(HostPort);
        using UnixSocket process = guest.ConnectToHost(listener, HostPort, GuestPort);
        VsockGuest.Write(process, new byte[9000]);
        guest.PollHost();
        uint received = guest.Expect(VsockOperation.ReadWrite).Length + guest.Expect(VsockOperation.ReadWrite).Length;
        Assert.Equal(5000U, received);
        guest.PollHost();
        guest.Expect(VsockOperation.CreditRequest);
        guest.PollHost();
        guest.ExpectNothing();

        guest.Forwarded = 5000;
        guest.Send(VsockOperation.CreditUpdate, HostPort, GuestPort);
        Assert.Equal(4000U, guest.Expect(VsockOperation.ReadWrite).Length);
    }

    [Fact]
    public void A_guest_that_asks_is_told_its_credit()
    {
        using var guest = new VsockGuest();
        using UnixSocket listener = guest.Listen(HostPort);
        using UnixSocket process = guest.ConnectToHost(listener, HostPort, GuestPort);
        guest.Send(VsockOperation.ReadWrite, HostPort, GuestPort, new byte[100]);
        guest.ExpectNothing();
        guest.Send(VsockOperation.CreditRequest, HostPort, GuestPort);
        Assert.Equal(100U, guest.Expect(VsockOperation.CreditUpdate).Forwarded);
    }

    [Fact]
    public void A_process_that_does_not_read_holds_its_guest_up_and_nobody_else()
    {
        using var guest = new VsockGuest();
        using UnixSocket listener = guest.Listen(HostPort);
        using UnixSocket process = guest.ConnectToHost(listener, HostPort, GuestPort);
        byte[] sent = RandomNumberGenerator.GetBytes(1 << 20);
        int at = 0;
        uint told = 0;
        uint room;
        while ((room = (uint)VsockConnection.BufferAllocation - ((uint)at - told)) > 0)
        {
            int run = (int)Math.Min(room, 30_000);
            guest.Send(VsockOperation.ReadWrite, HostPort, GuestPort, sent.AsSpan(at, run));
            at += run;
            while (guest.TryReceive(out VsockHeader header, out _))
            {
                told = header.Forwarded;
                guest.Supply(1);
            }

            guest.Send(VsockOperation.CreditRequest, HostPort, GuestPort);
            told = guest.Expect(VsockOperation.CreditUpdate).Forwarded;
            guest.Supply(1);
        }

        Assert.True(at < sent.Length, "all of it was taken");
        using UnixSocket other = guest.ConnectToHost(listener, HostPort, GuestPort + 1);

        byte[] expected = sent[..at];
        byte[] received = VsockGuest.Read(process);
        guest.PollHost();
        byte[] whole = [.. received, .. VsockGuest.Read(process)];
        Assert.Equal(expected, whole);
        Assert.True(guest.Expect(VsockOperation.CreditUpdate).Forwarded == (uint)at);
    }

    [Theory]
    [InlineData(VirtqueueOptions.None)]
    [InlineData(VirtqueueOptions.Packed)]
    public void Packets_of_a_round_arrive_in_their_order(VirtqueueOptions options)
    {
        using var guest = new VsockGuest(options: options);
        using UnixSocket listener = guest.Listen(HostPort);
        using UnixSocket first = guest.ConnectToHost(listener, HostPort, GuestPort);
        using UnixSocket second = guest.ConnectToHost(listener, HostPort, GuestPort + 1);
        VsockHeader toFirst = guest.Header(VsockOperation.ReadWrite, HostPort, GuestPort);
        VsockHeader toSecond = guest.Header(VsockOperation.ReadWrite, HostPort, GuestPort + 1);
        VsockHeader end = guest.Header(VsockOperation.Shutdown, HostPort, GuestPort) with { Flags = (uint)VsockShutdown.Send };

        // More of the first than are gathered at once.
        byte[][] pieces = [.. Enumerable.Range(0, 90).Select(i => Enumerable.Repeat((byte)i, 100 + i).ToArray())];
        guest.SendTogether(
        [
            .. pieces[..70].Select(piece => (toFirst, piece)),
            (toSecond, pieces[0]),
            .. pieces[70..].Select(piece => (toFirst, piece)),
            (end, []),
            (toSecond, pieces[1]),
        ]);

        Assert.Equal(pieces.SelectMany(piece => piece), VsockGuest.Read(first));
        Assert.True(VsockGuest.IsAtEnd(first));
        Assert.Equal([.. pieces[0], .. pieces[1]], VsockGuest.Read(second));
    }

    [Fact]
    public void What_a_round_brings_more_than_the_socket_holds_waits()
    {
        using var guest = new VsockGuest();
        using UnixSocket listener = guest.Listen(HostPort);
        using UnixSocket process = guest.ConnectToHost(listener, HostPort, GuestPort);
        VsockHeader data = guest.Header(VsockOperation.ReadWrite, HostPort, GuestPort);
        byte[] sent = RandomNumberGenerator.GetBytes(2 * VsockConnection.BufferAllocation);
        foreach (byte[] half in sent.Chunk(VsockConnection.BufferAllocation))
        {
            guest.SendTogether([.. half.Chunk(8192).Select(piece => (data, piece))]);
        }

        byte[] arrived = VsockGuest.Read(process);
        Assert.InRange(arrived.Length, 1, sent.Length - 1);
        for (int looks = 0; arrived.Length < sent.Length && looks < sent.Length; looks++)
        {
            guest.PollHost();
            arrived = [.. arrived, .. VsockGuest.Read(process)];
        }

        Assert.Equal(sent, arrived);
    }

    [Fact]
    public void Packets_wait_for_receive_buffers()
    {
        using var guest = new VsockGuest(rxBuffers: 0);
        using UnixSocket listener = guest.Listen(HostPort);
        guest.Send(VsockOperation.Request, HostPort, GuestPort);
        using UnixSocket process = listener.TryAccept(out _)!;
        VsockGuest.Write(process, "early"u8);
        guest.PollHost();
        guest.PollHost();
        guest.PollHost();
        guest.ExpectNothing();
        guest.Supply(1);
        guest.Expect(VsockOperation.Response);
        guest.Supply(1);
        guest.PollHost();
        guest.Expect(VsockOperation.ReadWrite, out byte[] payload);
        Assert.Equal("early"u8, payload);
    }

    [Fact]
    public void Packets_are_spread_over_the_buffers_of_a_chain()
    {
        using var guest = new VsockGuest(rxBuffers: 0);
        using UnixSocket listener = guest.Listen(HostPort);
        guest.Send(VsockOperation.Request, HostPort, GuestPort);
        guest.Supply(1);
        guest.Expect(VsockOperation.Response);
        using UnixSocket process = listener.TryAccept(out _)!;
        TestGuestMemory memory = guest.Rig.Memory;
        DriverBuffer[] parts = [memory.Writable(44), memory.Writable(3), memory.Writable(100)];
        guest.Rig.Queues[0].Add(parts);
        guest.Rig.Queues[0].Kick();
        VsockGuest.Write(process, "scattered"u8);
        guest.PollHost();
        Assert.Equal(44U + 9, guest.Rig.Queues[0].Collect().Written);
        Assert.Equal("sca"u8, memory.Span(parts[1]));
        Assert.Equal("ttered"u8, memory.Span(parts[2])[..6]);
    }
}
