using System.Runtime.InteropServices;
using CsCheck;
using StratoVirt.Devices.Virtio.Vsock;
using StratoVirt.Linux.Net;
using StratoVirt.Testing.Virtio;
using Xunit;

namespace StratoVirt.Devices.Tests.Virtio.Vsock;

public sealed class VsockHostilityTests
{
    private const uint HostPort = 1024;
    private const uint GuestPort = 5000;

    [Fact]
    public void A_packet_from_another_cid_is_dropped()
    {
        using var guest = new VsockGuest();
        using UnixSocket listener = guest.Listen(HostPort);
        guest.Send(guest.Header(VsockOperation.Request, HostPort, GuestPort) with { SourceCid = VsockGuest.Cid + 1 });
        guest.Send(guest.Header(VsockOperation.Request, HostPort, GuestPort) with { SourceCid = VsockGuest.Cid + (1UL << 32) });
        guest.ExpectNothing();
        Assert.Equal((0, 2UL), (guest.Device.Metrics.Connections, guest.Device.Metrics.BadPackets));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(VsockGuest.Cid)]
    public void A_packet_to_another_cid_is_refused_in_its_name(ulong cid)
    {
        using var guest = new VsockGuest();
        using UnixSocket listener = guest.Listen(HostPort);
        guest.Send(guest.Header(VsockOperation.Request, HostPort, GuestPort) with { DestinationCid = cid });
        Assert.Equal(cid, guest.Expect(VsockOperation.Reset).SourceCid);
        Assert.Equal(0, guest.Device.Metrics.Connections);
    }

    [Fact]
    public void An_unknown_type_is_refused_as_what_it_is()
    {
        using var guest = new VsockGuest();
        using UnixSocket listener = guest.Listen(HostPort);
        guest.Send(guest.Header(VsockOperation.Request, HostPort, GuestPort) with { Type = (VsockSocketType)2 });
        UsedElement used = guest.Rig.Queues[0].Collect();
        Assert.Equal(44U, used.Written);
        Assert.Equal(0, guest.Device.Metrics.Connections);
        Assert.Equal(1UL, guest.Device.Metrics.Refused);
    }

    [Fact]
    public void A_reset_is_never_answered()
    {
        using var guest = new VsockGuest();
        guest.Send(VsockOperation.Reset, HostPort, GuestPort);
        guest.Send(guest.Header(VsockOperation.Reset, HostPort, GuestPort) with { DestinationCid = 9 });
        guest.Send(guest.Header(VsockOperation.Reset, HostPort, GuestPort) with { Type = 0 });
        guest.ExpectNothing();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(8)]
    [InlineData(0xFFFF)]
    public void An_operation_out_of_place_ends_the_connection(ushort operation)
    {
        using var guest = new VsockGuest();
        using UnixSocket listener = guest.Listen(HostPort);
        using UnixSocket process = guest.ConnectToHost(listener, HostPort, GuestPort);
        guest.Send((VsockOperation)operation, HostPort, GuestPort);
        guest.Expect(VsockOperation.Reset);
        Assert.True(VsockGuest.IsAtEnd(process));
        Assert.Equal(0, guest.Device.Metrics.Connections);
    }

    [Theory]
    [InlineData(11)]
    [InlineData(uint.MaxValue)]
    [InlineData(VsockConnection.BufferAllocation + 1)]
    public void A_length_that_is_not_true_ends_the_connection(uint length)
    {
        using var guest = new VsockGuest();
        using UnixSocket listener = guest.Listen(HostPort);
        using UnixSocket process = guest.ConnectToHost(listener, HostPort, GuestPort);
        guest.Send(guest.Header(VsockOperation.ReadWrite, HostPort, GuestPort) with { Length = length }, "0123456789"u8);
        guest.Expect(VsockOperation.Reset);
        Assert.Empty(VsockGuest.Read(process));
        Assert.True(VsockGuest.IsAtEnd(process));
    }

    [Fact]
    public void A_buffer_may_be_longer_than_the_payload()
    {
        using var guest = new VsockGuest();
        using UnixSocket listener = guest.Listen(HostPort);
        using UnixSocket process = guest.ConnectToHost(listener, HostPort, GuestPort);
        guest.Send(guest.Header(VsockOperation.ReadWrite, HostPort, GuestPort) with { Length = 4 }, "0123456789"u8);
        Assert.Equal("0123"u8, VsockGuest.Read(process));
    }

    [Fact]
    public void Half_a_header_is_dropped()
    {
        using var guest = new VsockGuest();
        guest.SendRaw(43);
        guest.Rig.Request(1, guest.Rig.Memory.Writable(100));
        guest.ExpectNothing();
        Assert.Equal(2UL, guest.Device.Metrics.BadPackets);
    }

    [Fact]
    public void A_guest_that_overruns_its_credit_is_cut_off()
    {
        using var guest = new VsockGuest();
        using UnixSocket listener = guest.Listen(HostPort);
        using UnixSocket process = guest.ConnectToHost(listener, HostPort, GuestPort);
        byte[] flood = new byte[VsockConnection.BufferAllocation];
        int packets = 0;
        while (guest.Device.Metrics.Refused == 0 && packets++ < 100)
        {
            guest.Send(VsockOperation.ReadWrite, HostPort, GuestPort, flood);
        }

        Assert.InRange(packets, 2, 50);
        Assert.Equal(0, guest.Device.Metrics.Connections);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(100, 0x8000_0000)]
    [InlineData(0, 1)]
    public void A_guest_that_counts_falsely_gets_nothing(uint allocation, uint forwarded)
    {
        using var guest = new VsockGuest { BufferAllocation = allocation, Forwarded = forwarded };
        using UnixSocket listener = guest.Listen(HostPort);
        using UnixSocket process = guest.ConnectToHost(listener, HostPort, GuestPort);
        VsockGuest.Write(process, "data"u8);
        guest.PollHost();
        guest.Expect(VsockOperation.CreditRequest);
        guest.PollHost();
        guest.ExpectNothing();
    }

    [Fact]
    public void A_flood_of_ports_is_bounded()
    {
        using var guest = new VsockGuest(maxConnections: 8);
        using UnixSocket listener = guest.Listen(HostPort);
        for (uint port = 0; port < 8; port++)
        {
            guest.ConnectToHost(listener, HostPort, port).Dispose();
        }

        guest.Supply(8);
        guest.Send(VsockOperation.Request, HostPort, 8);
        guest.Expect(VsockOperation.Reset);
        Assert.Equal(8, guest.Device.Metrics.Connections);

        // A process of the host is turned away for the same reason.
        using UnixSocket process = UnixSocket.Connect(guest.Path);
        guest.Rig.Thread.Invoke(guest.Device.PollHost);
        Assert.True(VsockGuest.IsAtEnd(process));
    }

    [Fact]
    public void A_guest_that_takes_no_answers_is_not_heard_any_more()
    {
        using var guest = new VsockGuest(rxBuffers: 0);
        for (uint port = 0; port < 1000; port++)
        {
            VsockHeader header = guest.Header(VsockOperation.Request, HostPort, port);
            DriverQueue queue = guest.Rig.Queues[1];
            if (queue.FreeDescriptors == 0)
            {
                break;
            }

            queue.Add([guest.Rig.Memory.Readable(header)]);
            queue.Kick();
            guest.Rig.Serve(1);
            queue.TryCollect(out _);
        }

        Assert.Equal(0, guest.Rig.Queues[1].FreeDescriptors);
        ulong heard = guest.Device.Metrics.PacketsFromGuest;
        Assert.Equal((ulong)VsockSwitchboard.MaxRefusals, heard);

        // It is when it takes them.
        for (int i = 0; i < 10; i++)
        {
            guest.Supply(guest.Rig.Queues[0].FreeDescriptors);
            while (guest.TryReceive(out VsockHeader header, out _))
            {
                Assert.Equal(VsockOperation.Reset, header.Operation);
            }
        }

        Assert.Equal(heard + guest.Rig.Queues[1].Size, guest.Device.Metrics.PacketsFromGuest);
        Assert.Equal(guest.Device.Metrics.PacketsFromGuest, guest.Device.Metrics.Refused);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(44)]
    public void A_receive_buffer_without_room_stops_the_device(int length)
    {
        using var guest = new VsockGuest(rxBuffers: 0);
        TestGuestMemory memory = guest.Rig.Memory;
        guest.Rig.Queues[0].Add(length == 0 ? [memory.Readable("x"u8)] : [memory.Writable(length)]);
        guest.Rig.Queues[0].Kick();
        guest.Send(VsockOperation.Request, HostPort, GuestPort);
        Assert.NotNull(guest.Device.Fault);
        Assert.True(guest.Rig.Interrupts.IsResetNeeded);
    }

    [Fact]
    public void Any_packets_at_all_leave_the_device_whole()
    {
        Gen<byte[]> packet = Gen.Select(Gen.Byte.Array[44], Gen.Byte[0, 9], Gen.Byte[1, 3], Gen.Bool, Gen.Int[0, 80]).Select(
            (bytes, operation, port, valid, extra) =>
            {
                if (valid)
                {
                    ref VsockHeader header = ref MemoryMarshal.AsRef<VsockHeader>(bytes.AsSpan());
                    header.SourceCid = VsockGuest.Cid;
                    header.DestinationCid = VsockConfiguration.HostCid;
                    header.Type = VsockSocketType.Stream;
                    header.Operation = (VsockOperation)operation;
                    header.SourcePort = port;
                    header.DestinationPort = HostPort;
                    header.Length %= 100;
                }

                return (byte[])[.. bytes, .. new byte[extra]];
            });
        packet.Array[1, 60].Sample(
            packets =>
            {
                using var guest = new VsockGuest(maxConnections: 2);
                using UnixSocket listener = guest.Listen(HostPort);
                foreach (byte[] bytes in packets)
                {
                    guest.Rig.Request(1, guest.Rig.Memory.Readable(bytes));
                    using UnixSocket? process = listener.TryAccept(out _);
                    _ = process?.Send("data"u8, out _);
                    guest.PollHost();
                    while (guest.TryCollectAny())
                    {
                    }
                }

                return guest.Device.Fault is null && guest.Device.Metrics.Connections <= 2;
            },
            iter: 150);
    }
}
