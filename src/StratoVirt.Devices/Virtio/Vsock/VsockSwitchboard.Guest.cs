using System.Runtime.InteropServices;
using StratoVirt.Devices.Virtio.Queue;
using StratoVirt.Linux;
using StratoVirt.Linux.Net;
using StratoVirt.Linux.Storage;
using StratoVirt.Memory;

namespace StratoVirt.Devices.Virtio.Vsock;

// Packets of the guest.
internal sealed partial class VsockSwitchboard
{
    private readonly VsockGather _gather = new();

    /// <summary>Takes one packet of the guest. There is room for an answer. The chain has been completed, or will be by
    /// <see cref="Deliver()"/>, which is due before the queue is published.</summary>
    internal void Take(DescriptorChain chain)
    {
        if (!TryTake(chain))
        {
            chain.Queue.Complete(chain, 0);
        }
    }

    /// <summary>Brings what was gathered to its socket, or to what waits for it.</summary>
    internal void Deliver()
    {
        if (_gather.Connection is not { } connection)
        {
            return;
        }

        int length = _gather.Length;
        _bytesFromGuest += (uint)length;
        bool goes = TrySend(connection.Socket!, out int sent);
        if (!goes)
        {
            HostTakesNoMore(connection);
            sent = length;
        }

        connection.CountForwarded((uint)sent);
        if (sent < length)
        {
            _gather.CopyTo(connection.Backlog, sent);
            Rewatch(connection);
        }

        _gather.Complete();
        OweCredit(connection);
    }

    /// <summary>True when the packet was gathered.</summary>
    private bool TryTake(DescriptorChain chain)
    {
        _packetsFromGuest++;

        // A packet with a false source has nobody an answer would be for.
        if (!chain.TryRead(0, out VsockHeader header) || header.SourceCid != _guestCid)
        {
            _badPackets++;
            return false;
        }

        if (header.Type != VsockSocketType.Stream || header.DestinationCid != VsockConfiguration.HostCid)
        {
            Refuse(header);
            return false;
        }

        if (!_byPorts.TryGetValue(VsockConnection.KeyOf(header.DestinationPort, header.SourcePort), out VsockConnection? connection))
        {
            TakeUnknown(header);
            return false;
        }

        if (connection != _gather.Connection || header.Operation != VsockOperation.ReadWrite)
        {
            Deliver();
        }

        connection.TakeCredit(header);
        bool gathered = TryTake(connection, header, chain);
        if (connection.IsStalled && connection.Stage == VsockStage.Open && connection.GuestFree > 0)
        {
            connection.IsStalled = false;
            Owe(connection, VsockDebts.Data);
        }

        return gathered;
    }

    private void TakeUnknown(in VsockHeader header)
    {
        if (header.Operation != VsockOperation.Request || !HasStreams)
        {
            Refuse(header);
            return;
        }

        // "Insufficient resources to establish the connection" and nobody listening have one answer (§5.10.6.5).
        UnixSocket? socket = _freeSlots.Count > 0 ? _sockets.TryConnect(header.DestinationPort) : null;
        if (socket is null || TryBegin(VsockStage.Open, socket) is not { } connection)
        {
            Refuse(header);
            return;
        }

        connection.HostPort = header.DestinationPort;
        connection.GuestPort = header.SourcePort;
        connection.TakeCredit(header);
        _byPorts.Add(connection.Key, connection);
        _opened++;
        Rewatch(connection);
        Owe(connection, VsockDebts.Response);
    }

    private void Refuse(in VsockHeader header)
    {
        // A reset is no packet to answer: two sides that know nothing would answer each other for ever.
        if (header.Operation != VsockOperation.Reset)
        {
            _refusals.Enqueue(new VsockRefusal(header.DestinationCid, header.DestinationPort, header.SourcePort, header.Type));
        }
    }

    private bool TryTake(VsockConnection connection, in VsockHeader header, DescriptorChain chain)
    {
        switch (header.Operation)
        {
            case VsockOperation.Response when connection.Stage == VsockStage.Connecting && connection.Owed == VsockDebts.None:
                Accepted(connection);
                break;
            case VsockOperation.Reset:
                Release(connection);
                break;
            case VsockOperation.Shutdown when connection.Stage != VsockStage.Connecting:
                Shutdown(connection, (VsockShutdown)header.Flags & VsockShutdown.Both);
                break;
            case VsockOperation.ReadWrite when connection.Stage == VsockStage.Closing:
                // Sent before the guest could know that nobody takes it.
                break;
            case VsockOperation.ReadWrite when connection.Stage == VsockStage.Open && IsWelcome(connection, header, chain):
                return TryGather(connection, chain, (int)header.Length);
            case VsockOperation.CreditUpdate:
                break;
            case VsockOperation.CreditRequest when connection.Stage != VsockStage.Connecting:
                Owe(connection, VsockDebts.CreditUpdate);
                break;
            default:
                Deliver();
                Abort(connection);
                break;
        }

        return false;
    }

    private bool IsWelcome(VsockConnection connection, in VsockHeader header, DescriptorChain chain) =>
        header.Length <= chain.ReadableLength - VsockHeader.Size
        && header.Length <= (uint)(connection.Backlog.Free - _gather.Length)
        && (connection.GuestShutdown & VsockShutdown.Send) == 0;

    private void Shutdown(VsockConnection connection, VsockShutdown flags)
    {
        VsockShutdown before = connection.GuestShutdown;
        connection.GuestShutdown |= flags;
        if (connection.GuestShutdown == VsockShutdown.Both || connection.Stage == VsockStage.Closing)
        {
            Finish(connection);
            return;
        }

        VsockShutdown news = flags & ~before;
        if ((news & VsockShutdown.Receive) != 0)
        {
            // What the process of the host still writes fails at its end.
            connection.Socket!.Shutdown(reading: true, writing: false);
            connection.Owed &= ~VsockDebts.Data;
            connection.IsStalled = false;
            if (connection.HungUp)
            {
                HostGone(connection);
                return;
            }
        }

        if ((news & VsockShutdown.Send) != 0 && connection.Backlog.Count == 0)
        {
            connection.Socket!.Shutdown(reading: false, writing: true);
        }

        Rewatch(connection);
    }

    /// <summary>The guest is through with a connection: it gets the reset that lets it use its port again (§5.10.6.5),
    /// the process of the host gets what was sent.</summary>
    private void Finish(VsockConnection connection)
    {
        if (connection.Backlog.Count == 0)
        {
            Abort(connection);
            return;
        }

        _refusals.Enqueue(new VsockRefusal(
            VsockConfiguration.HostCid, connection.HostPort, connection.GuestPort, VsockSocketType.Stream));
        Forget(connection);
        connection.Stage = VsockStage.Draining;
        Rewatch(connection);
    }

    /// <summary>True when the packet was gathered. Else it has been dealt with: what came before it waits for the socket,
    /// and so does this, or nobody takes it.</summary>
    private bool TryGather(VsockConnection connection, DescriptorChain chain, int length)
    {
        if (connection.Backlog.Count == 0 && _gather.TryAdd(connection, chain, length))
        {
            return true;
        }

        Deliver();
        if (connection.Stage != VsockStage.Open)
        {
            return false;
        }

        if (connection.Backlog.Count == 0)
        {
            return _gather.TryAdd(connection, chain, length);
        }

        _bytesFromGuest += (uint)length;
        connection.Backlog.Append(chain, VsockHeader.Size, length);
        Rewatch(connection);
        return false;
    }

    /// <summary>Sends the run from where it lies; what does not fit the socket now stays.</summary>
    /// <returns>False when the process of the host takes no more, ever.</returns>
    private bool TrySend(UnixSocket socket, out int sent)
    {
        Span<GuestBuffer> parts = stackalloc GuestBuffer[32];
        sent = 0;
        while (sent < _gather.Length)
        {
            int count = _gather.Slice(sent, parts);
            int length = 0;
            foreach (GuestBuffer part in parts[..count])
            {
                length += part.Length;
            }

            Errno errno = PacketIo.Send(socket, [], MemoryMarshal.Cast<GuestBuffer, IoVector>(parts[..count]), out int taken);
            sent += taken;
            if (errno is not (Errno.None or Errno.Again))
            {
                return false;
            }

            if (taken < length)
            {
                return true;
            }
        }

        return true;
    }

    private void OweCredit(VsockConnection connection)
    {
        if (connection.Stage == VsockStage.Open && connection.IsCreditStale)
        {
            Owe(connection, VsockDebts.CreditUpdate);
        }
    }
}
