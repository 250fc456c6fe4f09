using CsCheck;
using StratoVirt.Devices.Virtio.Vsock;
using StratoVirt.Linux;
using StratoVirt.Linux.Net;
using StratoVirt.Testing;
using StratoVirt.Testing.Virtio;
using Xunit;

namespace StratoVirt.Devices.Tests.Virtio.Vsock;

public sealed class VsockLifeTests
{
    private const uint HostPort = 1024;
    private const uint GuestPort = 5000;

    [Fact]
    public void A_reset_ends_every_connection_and_the_next_driver_hears_of_it()
    {
        using var guest = new VsockGuest();
        using UnixSocket listener = guest.Listen(HostPort);
        using UnixSocket process = guest.ConnectToHost(listener, HostPort, GuestPort);
        VsockGuest.Write(process, "too late"u8);
        guest.Device.Reset();
        Assert.Equal(0, guest.Device.Metrics.Connections);
        Assert.True(VsockGuest.IsAtEnd(process));

        guest.Rig.Activate();
        Assert.Equal(1, CollectEvents(guest));
        Assert.Equal(0, CollectEvents(guest));
    }

    [Fact]
    public void A_reset_of_a_quiet_device_is_nothing_to_hear_of()
    {
        using var guest = new VsockGuest();
        guest.Device.Reset();
        guest.Rig.Activate();
        Assert.Equal(0, CollectEvents(guest));
    }

    [Fact]
    public void A_restored_driver_is_told_to_drop_its_connections()
    {
        VsockState state;
        uint last;
        using (var before = new VsockGuest())
        {
            using UnixSocket process = before.ConnectToGuest(52, out last);
            state = before.Device.Save();
        }

        using var after = new VsockGuest();
        after.Device.Restore(state);
        Assert.Equal(1, CollectEvents(after));
        using UnixSocket next = after.ConnectToGuest(52, out uint port);
        Assert.Equal(last + 1, port);
    }

    [Fact]
    public void A_state_of_another_version_is_refused()
    {
        using var guest = new VsockGuest();
        Assert.Throws<DeviceStateException>(() => guest.Device.Restore(new VsockState { Version = 2 }));
        guest.Device.Restore(new VsockState { NextHostPort = 7 });
        guest.ConnectToGuest(52, out uint port).Dispose();
        Assert.Equal(1U << 30, port);
    }

    [Fact]
    public void An_event_buffer_without_room_stops_the_device()
    {
        using var guest = new VsockGuest();
        guest.Device.Restore(new VsockState());
        guest.Rig.Request(2, guest.Rig.Memory.Writable(3));
        Assert.NotNull(guest.Device.Fault);
    }

    /// <summary>Here the device's own thread does everything, so the host waits as processes do.</summary>
    [Fact]
    public void A_paused_device_touches_nothing_and_a_resumed_one_goes_on()
    {
        using var guest = new VsockGuest(listens: true);
        using UnixSocket listener = guest.Listen(HostPort);
        using UnixSocket process = guest.ConnectToHost(listener, HostPort, GuestPort);
        guest.Device.Pause();
        VsockGuest.Write(process, "held"u8);
        guest.Rig.Settle();
        guest.ExpectNothing();
        guest.Device.Resume();
        guest.Rig.Settle();
        guest.Rig.Settle();
        guest.Expect(VsockOperation.ReadWrite, out byte[] payload);
        Assert.Equal("held"u8, payload);
    }

    [Fact]
    public void The_data_path_allocates_nothing()
    {
        using var guest = new VsockGuest(rxBuffers: 0);
        using UnixSocket listener = guest.Listen(HostPort);
        TestGuestMemory memory = guest.Rig.Memory;
        DriverBuffer rx = memory.Writable(VsockGuest.RxLength);
        DriverBuffer request = memory.Readable(guest.Header(VsockOperation.Request, HostPort, GuestPort));
        DriverQueue rxQueue = guest.Rig.Queues[0];
        DriverQueue txQueue = guest.Rig.Queues[1];
        rxQueue.Add([rx]);
        rxQueue.Kick();
        guest.Rig.Request(1, request);
        rxQueue.Collect();
        using UnixSocket process = listener.TryAccept(out _)!;
        DriverBuffer packet = memory.Readable(new byte[1044]);
        byte[] data = new byte[1000];
        uint forwarded = 0;
        int taken = 0;

        long bytes = guest.Rig.OnThread(() => Allocations.Of(() =>
        {
            memory.Ref<VsockHeader>(packet.Address) =
                guest.Header(VsockOperation.ReadWrite, HostPort, GuestPort) with { Length = 1000, Forwarded = forwarded };
            txQueue.Add([packet]);
            txQueue.Kick();
            guest.Device.Serve(1);
            txQueue.Collect();
            process.Read(data, out int received);
            taken += received;

            process.Send(data, out _);
            rxQueue.Add([rx]);
            rxQueue.Kick();
            guest.Device.Serve(0);
            guest.Device.PollHost();
            if (rxQueue.TryCollect(out UsedElement used) && used.Written > VsockHeader.Size)
            {
                forwarded += used.Written - VsockHeader.Size;
            }
        }));
        Assert.Equal(0, bytes);
        Assert.InRange(taken, 1_000_000, int.MaxValue);
        Assert.True(forwarded > 900_000, $"{forwarded} bytes came");
    }

    /// <summary>Whatever the order of writing, reading, buffers and credit, each side reads what the other has written,
    /// and neither is sent more than it said it could take.</summary>
    [Fact]
    public void Both_streams_are_whole_in_any_order_of_events()
    {
        Gen<(int Kind, int Size)[]> steps = Gen.Select(Gen.Int[0, 5], Gen.Int[1, 9000]).Array[20, 150];
        steps.Sample(
            script =>
            {
                using var guest = new VsockGuest(rxBuffers: 2) { BufferAllocation = 6000 };
                using UnixSocket listener = guest.Listen(HostPort);
                using UnixSocket process = guest.ConnectToHost(listener, HostPort, GuestPort);
                var model = new StreamModel(guest, process, HostPort, GuestPort);
                foreach ((int kind, int size) in script)
                {
                    model.Step(kind, size);
                }

                model.Finish();
            },
            iter: 60);
    }

    private static int CollectEvents(VsockGuest guest)
    {
        DriverQueue queue = guest.Rig.Queues[2];
        if (queue.Outstanding == 0)
        {
            queue.Add([guest.Rig.Memory.Writable(4)]);
            queue.Kick();
        }

        guest.Rig.Serve(2);
        int count = 0;
        while (queue.TryCollect(out UsedElement used))
        {
            Assert.Equal(4U, used.Written);
            count++;
        }

        return count;
    }

    private sealed class StreamModel(VsockGuest guest, UnixSocket process, uint hostPort, uint guestPort)
    {
        private byte _up;
        private byte _upRead;
        private byte _down;
        private byte _downRead;
        private uint _sent;
        private uint _deviceForwarded;
        private uint _inGuest;
        private int _written;
        private int _toRead;
        private int _received;

        internal void Step(int kind, int size)
        {
            switch (kind)
            {
                case 0:
                    GuestSends(size);
                    break;
                case 1:
                    HostReads();
                    break;
                case 2:
                    HostWrites(size);
                    break;
                case 3:
                    guest.PollHost();
                    break;
                case 4:
                    guest.Supply(1);
                    break;
                default:
                    GuestReads((uint)size);
                    break;
            }

            Collect();
        }

        internal void Finish()
        {
            for (int i = 0; i < 400 && (_received < _written || _toRead > 0); i++)
            {
                guest.Supply(1);
                guest.PollHost();
                HostReads();
                Collect();
                GuestReads(uint.MaxValue);
            }

            Assert.Equal((_written, 0), (_received, _toRead));
        }

        private void GuestSends(int size)
        {
            size = (int)Math.Min((uint)size, VsockConnection.BufferAllocation - (_sent - _deviceForwarded));
            byte[] data = [.. Enumerable.Range(0, size).Select(_ => _up++)];
            guest.Send(VsockOperation.ReadWrite, hostPort, guestPort, data);
            _sent += (uint)size;
            _toRead += size;
        }

        private void HostReads()
        {
            byte[] data = VsockGuest.Read(process);
            Assert.All(data, one => Assert.Equal(_upRead++, one));
            _toRead -= data.Length;
        }

        private void HostWrites(int size)
        {
            byte[] data = [.. Enumerable.Range(0, size).Select(i => (byte)(_down + i))];
            Errno errno = process.Send(data, out int count);
            Assert.True(errno is Errno.None or Errno.Again);
            _down += (byte)count;
            _written += count;
        }

        private void GuestReads(uint size)
        {
            size = Math.Min(size, _inGuest);
            _inGuest -= size;
            guest.Forwarded += size;
            guest.Send(VsockOperation.CreditUpdate, hostPort, guestPort);
        }

        private void Collect()
        {
            while (guest.TryReceive(out VsockHeader header, out byte[] payload))
            {
                Assert.NotEqual(VsockOperation.Reset, header.Operation);
                _deviceForwarded = header.Forwarded;
                Assert.All(payload, one => Assert.Equal(_downRead++, one));
                _received += payload.Length;
                _inGuest += (uint)payload.Length;
                Assert.True(_inGuest <= guest.BufferAllocation, "more was sent than there was room for");
            }
        }
    }
}
