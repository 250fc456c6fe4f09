using StratoVirt.Backends.Vsock;
using StratoVirt.Devices.Virtio.Queue;
using StratoVirt.Linux.Handles;
using StratoVirt.Linux.Net;

namespace StratoVirt.Devices.Virtio.Vsock;

/// <summary>
/// All connections of a guest: which there are, what is owed to the guest, and whose turn is next when the guest has a
/// receive buffer. It knows packets and sockets, no queues and no threads; one thread at a time uses it.
/// </summary>
/// <remarks>
/// What it holds for the guest is bounded: connections by their number, data of each by
/// <see cref="VsockConnection.BufferAllocation"/>, packets owed by one bit a kind and connection, and refusals by
/// <see cref="MaxRefusals"/>, after which no more of the guest's packets are looked at (virtio 1.3 §5.10.6.1).
/// </remarks>
internal sealed partial class VsockSwitchboard : IDisposable
{
    /// <summary>Resets owed for connections that are not there, at most.</summary>
    internal const int MaxRefusals = 256;

    private readonly VsockSockets _sockets;
    private readonly uint _guestCid;
    private readonly VsockConnection?[] _slots;
    private readonly Stack<int> _freeSlots;
    private readonly Dictionary<ulong, VsockConnection> _byPorts = [];
    private readonly Queue<VsockConnection> _turns;
    private readonly Queue<VsockRefusal> _refusals = new(MaxRefusals);
    private uint _nextHostPort = LowestHostPort;
    private ulong _opened;
    private ulong _refused;
    private ulong _packetsToGuest;
    private ulong _packetsFromGuest;
    private ulong _bytesToGuest;
    private ulong _bytesFromGuest;
    private ulong _badPackets;

    internal VsockSwitchboard(VsockConfiguration configuration, VsockSockets sockets)
    {
        _sockets = sockets;
        _guestCid = configuration.GuestCid;
        _slots = new VsockConnection?[configuration.MaxConnections];
        _freeSlots = new Stack<int>(_slots.Length);
        for (int slot = _slots.Length - 1; slot >= 0; slot--)
        {
            _freeSlots.Push(slot);
        }

        _turns = new Queue<VsockConnection>(_slots.Length);
        try
        {
            Ready = Epoll.Create();
            _timer = TimerFd.Create();
            Ready.Add(_sockets.Listener, EpollEvents.In, ListenerToken);
            Ready.Add(_timer, EpollEvents.In, TimerToken);
        }
        catch
        {
            _timer?.Dispose();
            Ready?.Dispose();
            throw;
        }
    }

    /// <summary>Readable when a socket or the timer has something: then <see cref="PollHost"/> is due.</summary>
    internal Epoll Ready { get; }

    /// <summary>Whether the driver knows stream sockets; without them every request is refused.</summary>
    internal bool HasStreams { get; set; } = true;

    /// <summary>Whether something is owed to the guest.</summary>
    internal bool HasPackets => _refusals.Count > 0 || _turns.Count > 0;

    /// <summary>Whether a packet of the guest can be taken, whatever answer it needs.</summary>
    internal bool HasRoomForAnswer => _refusals.Count < MaxRefusals;

    /// <summary>Connections now.</summary>
    internal int Count => _slots.Length - _freeSlots.Count;

    internal uint NextHostPort
    {
        get => _nextHostPort;
        set => _nextHostPort = value is >= LowestHostPort and <= HighestHostPort ? value : LowestHostPort;
    }

    internal VsockMetrics Metrics => new(
        Count, _opened, _refused, _packetsToGuest, _packetsFromGuest, _bytesToGuest, _bytesFromGuest, _badPackets);

    /// <summary>Writes the next packet owed to the guest.</summary>
    /// <param name="chain">A receive buffer, longer than a header.</param>
    /// <param name="written">Bytes of the packet.</param>
    /// <returns>False when nothing was owed after all; the buffer is as it was.</returns>
    internal bool TryWrite(DescriptorChain chain, out uint written)
    {
        if (_refusals.TryDequeue(out VsockRefusal refusal))
        {
            written = Refuse(refusal, chain);
            return true;
        }

        while (_turns.TryDequeue(out VsockConnection? connection))
        {
            connection.HasTurn = false;
            if (!TryWrite(connection, chain, out written))
            {
                continue;
            }

            // Behind the others: one packet a turn.
            if (connection.Owed != VsockDebts.None)
            {
                GiveTurn(connection);
            }

            return true;
        }

        written = 0;
        return false;
    }

    /// <summary>Ends every connection without a word to the guest, who has forgotten them.</summary>
    internal void Clear()
    {
        foreach (VsockConnection? connection in _slots)
        {
            if (connection is not null && connection.Stage != VsockStage.Free)
            {
                Release(connection);
            }
        }

        _refusals.Clear();
        foreach (VsockConnection connection in _turns)
        {
            connection.HasTurn = false;
        }

        _turns.Clear();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Clear();
        Ready.Dispose();
        _timer.Dispose();
        _sockets.Dispose();
    }

    private uint Refuse(in VsockRefusal refusal, DescriptorChain chain)
    {
        _refused++;
        return Write(chain, new VsockHeader
        {
            SourceCid = refusal.HostCid,
            DestinationCid = _guestCid,
            SourcePort = refusal.HostPort,
            DestinationPort = refusal.GuestPort,
            Type = refusal.Type,
            Operation = VsockOperation.Reset,
        });
    }

    private bool TryWrite(VsockConnection connection, DescriptorChain chain, out uint written)
    {
        if (Take(connection, VsockDebts.Request))
        {
            written = Write(chain, connection.Announce(VsockOperation.Request, _guestCid));
            return true;
        }

        if (Take(connection, VsockDebts.Response))
        {
            written = Write(chain, connection.Announce(VsockOperation.Response, _guestCid));
            return true;
        }

        if ((connection.Owed & VsockDebts.Data) != 0 && TryWriteData(connection, chain, out written))
        {
            return true;
        }

        if (Take(connection, VsockDebts.Shutdown))
        {
            VsockHeader header = connection.Announce(VsockOperation.Shutdown, _guestCid);
            header.Flags = (uint)connection.HostShutdown;
            written = Write(chain, header);
            return true;
        }

        if (Take(connection, VsockDebts.CreditRequest))
        {
            written = Write(chain, connection.Announce(VsockOperation.CreditRequest, _guestCid));
            return true;
        }

        if (Take(connection, VsockDebts.CreditUpdate))
        {
            written = Write(chain, connection.Announce(VsockOperation.CreditUpdate, _guestCid));
            return true;
        }

        written = 0;
        return false;
    }

    private static bool Take(VsockConnection connection, VsockDebts debt)
    {
        bool owed = (connection.Owed & debt) != 0;
        connection.Owed &= ~debt;
        return owed;
    }

    private uint Write(DescriptorChain chain, in VsockHeader header)
    {
        _packetsToGuest++;
        _ = chain.TryWrite(0, header);
        return VsockHeader.Size;
    }

    private void Owe(VsockConnection connection, VsockDebts debt)
    {
        connection.Owed |= debt;
        GiveTurn(connection);
    }

    private void GiveTurn(VsockConnection connection)
    {
        if (!connection.HasTurn)
        {
            connection.HasTurn = true;
            _turns.Enqueue(connection);
        }
    }

    private VsockConnection? TryBegin(VsockStage stage, UnixSocket socket)
    {
        if (!_freeSlots.TryPop(out int slot))
        {
            return null;
        }

        VsockConnection connection = _slots[slot] ??= new VsockConnection(slot);
        connection.Begin(stage, socket);
        return connection;
    }

    /// <summary>The guest knows the connection no longer, or is told so by a reset that is owed already.</summary>
    private void Forget(VsockConnection connection)
    {
        if (connection.Stage is VsockStage.Connecting or VsockStage.Open or VsockStage.Closing)
        {
            _byPorts.Remove(connection.Key);
        }

        connection.Owed = VsockDebts.None;
    }

    private void Release(VsockConnection connection)
    {
        Forget(connection);
        Watch(connection, EpollEvents.None);
        connection.End();
        _freeSlots.Push(connection.Slot);
    }

    /// <summary>Ends a connection on both sides at once. There is room for the answer.</summary>
    private void Abort(VsockConnection connection)
    {
        _refusals.Enqueue(new VsockRefusal(
            VsockConfiguration.HostCid, connection.HostPort, connection.GuestPort, VsockSocketType.Stream));
        Release(connection);
    }
}
