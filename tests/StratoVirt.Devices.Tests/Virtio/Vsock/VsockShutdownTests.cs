using StratoVirt.Devices.Virtio.Vsock;
using StratoVirt.Linux;
using StratoVirt.Linux.Net;
using Xunit;

namespace StratoVirt.Devices.Tests.Virtio.Vsock;

public sealed class VsockShutdownTests
{
    private const uint HostPort = 1024;
    private const uint GuestPort = 5000;

    [Fact]
    public void A_guest_that_closes_gets_its_port_back_and_the_process_all_that_was_sent()
    {
        using var guest = new VsockGuest();
        using UnixSocket listener = guest.Listen(HostPort);
        using UnixSocket process = guest.ConnectToHost(listener, HostPort, GuestPort);
        guest.Send(VsockOperation.ReadWrite, HostPort, GuestPort, "last words"u8);
        guest.Send(VsockOperation.Shutdown, HostPort, GuestPort, flags: 3);
        guest.Expect(VsockOperation.Reset);
        Assert.Equal("last words"u8, VsockGuest.Read(process));
        Assert.True(VsockGuest.IsAtEnd(process));
        Assert.Equal(0, guest.Device.Metrics.Connections);
        using UnixSocket again = guest.ConnectToHost(listener, HostPort, GuestPort);
    }

    [Fact]
    public void What_a_slow_process_has_not_taken_outlives_the_guests_end()
    {
        using var guest = new VsockGuest();
        using UnixSocket listener = guest.Listen(HostPort);
        using UnixSocket process = guest.ConnectToHost(listener, HostPort, GuestPort);
        int sent = 0;
        uint told = 0;
        for (uint room; (room = (uint)VsockConnection.BufferAllocation - ((uint)sent - told)) > 0; sent += (int)Math.Min(room, 50_000))
        {
            guest.Send(VsockOperation.ReadWrite, HostPort, GuestPort, new byte[Math.Min(room, 50_000)]);
            while (guest.TryReceive(out VsockHeader header, out _))
            {
                told = header.Forwarded;
            }
        }

        guest.Send(VsockOperation.Shutdown, HostPort, GuestPort, flags: 3);
        guest.Expect(VsockOperation.Reset);
        Assert.Equal(1, guest.Device.Metrics.Connections);
        int received = VsockGuest.Read(process).Length;
        guest.PollHost();
        received += VsockGuest.Read(process).Length;
        Assert.Equal(sent, received);
        Assert.True(VsockGuest.IsAtEnd(process));
        Assert.Equal(0, guest.Device.Metrics.Connections);
    }

    [Fact]
    public void A_guest_that_only_stops_sending_still_receives()
    {
        using var guest = new VsockGuest();
        using UnixSocket listener = guest.Listen(HostPort);
        using UnixSocket process = guest.ConnectToHost(listener, HostPort, GuestPort);
        guest.Send(VsockOperation.Shutdown, HostPort, GuestPort, flags: 2);
        Assert.True(VsockGuest.IsAtEnd(process));
        VsockGuest.Write(process, "answer"u8);
        guest.PollHost();
        guest.Expect(VsockOperation.ReadWrite, out byte[] payload);
        Assert.Equal("answer"u8, payload);

        // A hint stays: the second completes the first (§5.10.6.5).
        guest.Send(VsockOperation.Shutdown, HostPort, GuestPort, flags: 1);
        guest.Expect(VsockOperation.Reset);
    }

    [Fact]
    public void A_guest_that_stops_receiving_breaks_the_processs_pipe()
    {
        using var guest = new VsockGuest();
        using UnixSocket listener = guest.Listen(HostPort);
        using UnixSocket process = guest.ConnectToHost(listener, HostPort, GuestPort);
        guest.Send(VsockOperation.Shutdown, HostPort, GuestPort, flags: 1);
        Assert.Equal(Errno.BrokenPipe, process.Send("x"u8, out _));
        guest.Send(VsockOperation.ReadWrite, HostPort, GuestPort, "still sending"u8);
        Assert.Equal("still sending"u8, VsockGuest.Read(process));
    }

    [Fact]
    public void A_process_that_only_stops_writing_still_receives()
    {
        using var guest = new VsockGuest();
        using UnixSocket listener = guest.Listen(HostPort);
        using UnixSocket process = guest.ConnectToHost(listener, HostPort, GuestPort);
        VsockGuest.Write(process, "question"u8);
        process.Shutdown(reading: false, writing: true);
        guest.PollHost();
        guest.Expect(VsockOperation.ReadWrite);
        guest.PollHost();
        Assert.Equal(2U, guest.Expect(VsockOperation.Shutdown).Flags);
        guest.PollHost();
        guest.ExpectNothing();
        guest.Send(VsockOperation.ReadWrite, HostPort, GuestPort, "answer"u8);
        Assert.Equal("answer"u8, VsockGuest.Read(process));
    }

    [Fact]
    public void A_process_that_has_gone_is_read_to_its_end()
    {
        using var guest = new VsockGuest { BufferAllocation = 4 };
        using UnixSocket listener = guest.Listen(HostPort);
        UnixSocket process = guest.ConnectToHost(listener, HostPort, GuestPort);
        VsockGuest.Write(process, "12345678"u8);
        process.Dispose();
        guest.PollHost();
        guest.Expect(VsockOperation.ReadWrite, out byte[] first);
        guest.Expect(VsockOperation.CreditRequest);
        guest.ExpectNothing();
        guest.Forwarded = 4;
        guest.BufferAllocation = 1000;
        guest.Send(VsockOperation.CreditUpdate, HostPort, GuestPort);
        guest.Expect(VsockOperation.ReadWrite, out byte[] second);
        Assert.Equal("12345678"u8, [.. first, .. second]);
        Assert.Equal(3U, guest.Expect(VsockOperation.Shutdown).Flags);

        // The guest's answer frees the tuple; without it, time does.
        Assert.Equal(1, guest.Device.Metrics.Connections);
        guest.Send(VsockOperation.ReadWrite, HostPort, GuestPort, "unheard"u8);
        guest.Send(VsockOperation.Reset, HostPort, GuestPort);
        Assert.Equal(0, guest.Device.Metrics.Connections);
        guest.ExpectNothing();
    }

    [Fact]
    public void A_guest_that_does_not_agree_to_an_end_is_reset()
    {
        using var guest = new VsockGuest();
        using UnixSocket listener = guest.Listen(HostPort);
        guest.ConnectToHost(listener, HostPort, GuestPort).Dispose();
        guest.PollHost();
        guest.Expect(VsockOperation.Shutdown);
        guest.Sweep();
        guest.ExpectNothing();
        guest.Sweep();
        guest.Expect(VsockOperation.Reset);
        Assert.Equal(0, guest.Device.Metrics.Connections);
    }
}
