using StratoVirt.Devices.Virtio.Queue;
using StratoVirt.Linux;
using StratoVirt.Linux.Handles;
using StratoVirt.Memory;

namespace StratoVirt.Devices.Virtio.Vsock;

// Sockets of the host's processes.
internal sealed partial class VsockSwitchboard
{
    /// <summary>How often waiting connections are looked at. One that waits for the guest's answer is given up at the
    /// second look: after two to four seconds, before Linux's own eight (§5.10.6.5 leaves the time open).</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private const ulong ListenerToken = ulong.MaxValue;
    private const ulong TimerToken = ulong.MaxValue - 1;
    private const int MostLooks = 2;

    private readonly TimerFd _timer;
    private bool _isTimerArmed;

    /// <summary>Looks at the sockets that are ready, without waiting.</summary>
    internal void PollHost()
    {
        Span<EpollEvent> ready = stackalloc EpollEvent[Epoll.MaxEventsPerWait];
        int count = Ready.Wait(ready, 0);
        foreach (EpollEvent one in ready[..count])
        {
            if (one.Token == ListenerToken)
            {
                Accept();
            }
            else if (one.Token == TimerToken)
            {
                _ = _timer.Drain();
                Sweep();
            }
            else if (_slots[(uint)one.Token] is { } connection && connection.Life == (uint)(one.Token >> 32))
            {
                Serve(connection, one.Ready);
            }
        }
    }

    /// <summary>One look at the connections that wait for the guest.</summary>
    internal void Sweep()
    {
        if (_isListenerAside)
        {
            _isListenerAside = false;
            Ready.Add(_sockets.Listener, EpollEvents.In, ListenerToken);
        }

        bool waiting = false;
        foreach (VsockConnection? connection in _slots)
        {
            if (connection?.Stage is not (VsockStage.Connecting or VsockStage.Closing))
            {
                continue;
            }

            if (++connection.Age >= MostLooks && HasRoomForAnswer)
            {
                Abort(connection);
            }
            else
            {
                waiting = true;
            }
        }

        if (!waiting)
        {
            _timer.Disarm();
            _isTimerArmed = false;
        }
    }

    private void ArmTimer()
    {
        if (!_isTimerArmed)
        {
            _isTimerArmed = true;
            _timer.Arm(Patience, Patience);
        }
    }

    private void Serve(VsockConnection connection, EpollEvents ready)
    {
        bool hungUp = (ready & (EpollEvents.HangUp | EpollEvents.Error)) != 0;
        switch (connection.Stage)
        {
            case VsockStage.Greeting:
                ReadGreeting(connection);
                break;
            case VsockStage.Draining:
                Flush(connection);
                break;
            case VsockStage.Open when hungUp:
                HangUp(connection);
                break;
            case VsockStage.Open:
                if ((ready & EpollEvents.Out) != 0)
                {
                    Flush(connection);
                }

                if ((ready & EpollEvents.In) != 0 && connection.Stage == VsockStage.Open)
                {
                    Readable(connection);
                }

                break;
        }
    }

    private void Readable(VsockConnection connection)
    {
        if ((connection.Owed & VsockDebts.Data) != 0)
        {
            // It waits for a buffer of the guest, and would be reported until one comes.
            Watch(connection, connection.Watched & ~EpollEvents.In);
        }
        else if (connection.GuestFree == 0)
        {
            Stall(connection);
        }
        else
        {
            Owe(connection, VsockDebts.Data);
        }
    }

    /// <summary>A hang-up is reported without end, so nobody watches any longer: reading goes on until the last byte.</summary>
    private void HangUp(VsockConnection connection)
    {
        connection.HungUp = true;
        Watch(connection, EpollEvents.None);
        if ((connection.HostShutdown & VsockShutdown.Send) != 0 || (connection.GuestShutdown & VsockShutdown.Receive) != 0)
        {
            HostGone(connection);
        }
        else if (!connection.IsStalled)
        {
            Owe(connection, VsockDebts.Data);
        }
    }

    private void Stall(VsockConnection connection)
    {
        connection.IsStalled = true;
        connection.Owed &= ~VsockDebts.Data;
        Rewatch(connection);
        Owe(connection, VsockDebts.CreditRequest);
    }

    /// <summary>Reads what the process has written to where the guest will read it.</summary>
    private bool TryWriteData(VsockConnection connection, DescriptorChain chain, out uint written)
    {
        written = 0;
        uint room = Math.Min(connection.GuestFree, chain.WritableLength - VsockHeader.Size);
        if (room == 0)
        {
            Stall(connection);
            return false;
        }

        Errno errno = Read(connection, chain, room, out uint length);
        if (length == 0 && errno == Errno.Again)
        {
            connection.Owed &= ~VsockDebts.Data;
            Rewatch(connection);
            return false;
        }

        if (length == 0)
        {
            HostEnded(connection, errno);
            return false;
        }

        if (length < room && !connection.HungUp)
        {
            connection.Owed &= ~VsockDebts.Data;
            Rewatch(connection);
        }

        VsockHeader header = connection.Announce(VsockOperation.ReadWrite, _guestCid);
        header.Length = length;
        connection.CountSent(length);
        _bytesToGuest += length;
        written = Write(chain, header) + length;
        return true;
    }

    private static Errno Read(VsockConnection connection, DescriptorChain chain, uint room, out uint length)
    {
        Span<GuestBuffer> parts = stackalloc GuestBuffer[8];
        length = 0;
        int count = chain.SliceWritable(VsockHeader.Size, room, parts);
        foreach (GuestBuffer part in parts[..count])
        {
            Errno errno = connection.Socket!.Read(part.Span, out int read);
            length += (uint)read;
            if (errno != Errno.None || read < part.Length)
            {
                return errno;
            }
        }

        return Errno.None;
    }

    private void HostEnded(VsockConnection connection, Errno errno)
    {
        connection.Owed &= ~VsockDebts.Data;
        if (errno != Errno.None || connection.HungUp)
        {
            HostGone(connection);
            return;
        }

        connection.HostShutdown |= VsockShutdown.Send;
        if (connection.HostShutdown == VsockShutdown.Both)
        {
            HostGone(connection);
            return;
        }

        Owe(connection, VsockDebts.Shutdown);
        Rewatch(connection);
    }

    /// <summary>A write has failed: the process has gone, or has shut its reading end.</summary>
    private void HostTakesNoMore(VsockConnection connection)
    {
        connection.Backlog.Clear();
        if (connection.Stage == VsockStage.Draining)
        {
            Release(connection);
            return;
        }

        connection.HostShutdown |= VsockShutdown.Receive;
        if (connection.HostShutdown == VsockShutdown.Both)
        {
            HostGone(connection);
            return;
        }

        Owe(connection, VsockDebts.Shutdown);
        Rewatch(connection);
    }

    private void HostGone(VsockConnection connection)
    {
        Watch(connection, EpollEvents.None);
        connection.Socket?.Dispose();
        connection.Socket = null;
        connection.Backlog.Clear();
        connection.Stage = VsockStage.Closing;
        connection.HostShutdown = VsockShutdown.Both;
        connection.Age = 0;
        connection.Owed = (connection.Owed & VsockDebts.Response) | VsockDebts.Shutdown;
        GiveTurn(connection);
        ArmTimer();
    }

    /// <summary>Sends what waits for the process.</summary>
    private void Flush(VsockConnection connection)
    {
        while (connection.Backlog.Count > 0)
        {
            Errno errno = connection.Socket!.Send(connection.Backlog.Oldest, out int sent);
            connection.Backlog.Consume(sent);
            connection.CountForwarded((uint)sent);
            if (errno == Errno.Again)
            {
                OweCredit(connection);
                return;
            }

            if (errno != Errno.None)
            {
                HostTakesNoMore(connection);
                return;
            }
        }

        if (connection.Stage == VsockStage.Draining)
        {
            Release(connection);
            return;
        }

        if ((connection.GuestShutdown & VsockShutdown.Send) != 0)
        {
            connection.Socket!.Shutdown(reading: false, writing: true);
        }

        OweCredit(connection);
        Rewatch(connection);
    }

    /// <summary>Watches a socket for what can be done with it now.</summary>
    private void Rewatch(VsockConnection connection)
    {
        EpollEvents wanted = EpollEvents.None;
        bool reads = connection.Stage == VsockStage.Greeting
            || (connection.Stage == VsockStage.Open
                && !connection.IsStalled
                && (connection.HostShutdown & VsockShutdown.Send) == 0
                && (connection.GuestShutdown & VsockShutdown.Receive) == 0);
        wanted |= reads ? EpollEvents.In : EpollEvents.None;

        // Whatever is asked for, a hang-up is reported too; this asks for that alone.
        wanted |= connection.Stage == VsockStage.Open ? EpollEvents.Priority : EpollEvents.None;
        wanted |= connection.Backlog.Count > 0 && connection.Socket is not null ? EpollEvents.Out : EpollEvents.None;
        Watch(connection, connection.HungUp && connection.Stage != VsockStage.Draining ? EpollEvents.None : wanted);
    }

    private void Watch(VsockConnection connection, EpollEvents wanted)
    {
        if (connection.Watched == wanted || connection.Socket is not { } socket)
        {
            return;
        }

        ulong token = ((ulong)connection.Life << 32) | (uint)connection.Slot;
        if (wanted == EpollEvents.None)
        {
            Ready.Remove(socket);
        }
        else if (connection.Watched == EpollEvents.None)
        {
            Ready.Add(socket, wanted, token);
        }
        else
        {
            Ready.Modify(socket, wanted, token);
        }

        connection.Watched = wanted;
    }
}
