using StratoVirt.Backends.Vsock;
using StratoVirt.Linux.Handles;
using StratoVirt.Linux.Net;

namespace StratoVirt.Devices.Virtio.Vsock;

/// <summary>
/// One stream between a process of the host and a socket of the guest: where it stands, what is owed to the guest, and
/// the credit of both sides (virtio 1.3 §5.10.6.3). Kept and used again when it is over.
/// </summary>
internal sealed class VsockConnection
{
    /// <summary>Bytes from the guest that wait here at most, and what the guest is told: two of Linux's largest packets,
    /// so that one can be under way while the host takes the other.</summary>
    internal const int BufferAllocation = 128 << 10;

    internal VsockConnection(int slot) => Slot = slot;

    /// <summary>Its place among the connections.</summary>
    internal int Slot { get; }

    /// <summary>Counts its lives, so that an event of an earlier one finds nobody.</summary>
    internal uint Life { get; private set; }

    internal VsockStage Stage { get; set; }

    /// <summary>The process of the host; null when it has gone.</summary>
    internal UnixSocket? Socket { get; set; }

    internal uint HostPort { get; set; }

    internal uint GuestPort { get; set; }

    /// <summary>What has come of the command of a process that wants to reach the guest.</summary>
    internal ref ConnectCommand Greeting => ref _greeting;

    /// <summary>Packets owed to the guest.</summary>
    internal VsockDebts Owed { get; set; }

    /// <summary>Whether it waits for its turn with a receive buffer of the guest.</summary>
    internal bool HasTurn { get; set; }

    /// <summary>What its socket is watched for.</summary>
    internal EpollEvents Watched { get; set; }

    /// <summary>The process has closed; what it wrote before may still have to be read.</summary>
    internal bool HungUp { get; set; }

    /// <summary>The guest's buffer is full and the process has, or had, more.</summary>
    internal bool IsStalled { get; set; }

    /// <summary>What the guest will not do any more.</summary>
    internal VsockShutdown GuestShutdown { get; set; }

    /// <summary>What the process of the host will not do any more.</summary>
    internal VsockShutdown HostShutdown { get; set; }

    /// <summary>Rounds of the timer it has been waiting for an answer of the guest.</summary>
    internal int Age { get; set; }

    /// <summary>Bytes from the guest that the process has not taken yet.</summary>
    internal VsockBacklog Backlog { get; } = new(BufferAllocation);

    /// <summary>Names it among the connections of the guest.</summary>
    internal ulong Key => KeyOf(HostPort, GuestPort);

    /// <summary>Bytes the guest can take; a guest that counts falsely has no room.</summary>
    internal uint GuestFree
    {
        get
        {
            uint underWay = unchecked(_sent - _guestForwarded);
            return underWay >= _guestAllocation ? 0 : _guestAllocation - underWay;
        }
    }

    /// <summary>Whether the guest's knowledge of the room here is so old that it might wait in vain.</summary>
    internal bool IsCreditStale => unchecked(_forwarded - _announced) >= BufferAllocation / 2;

    private ConnectCommand _greeting;
    private uint _sent;
    private uint _guestAllocation;
    private uint _guestForwarded;
    private uint _forwarded;
    private uint _announced;

    internal static ulong KeyOf(uint hostPort, uint guestPort) => ((ulong)hostPort << 32) | guestPort;

    /// <summary>Begins a life.</summary>
    internal void Begin(VsockStage stage, UnixSocket socket)
    {
        Stage = stage;
        Socket = socket;
        Owed = VsockDebts.None;
        Watched = EpollEvents.None;
        HungUp = false;
        IsStalled = false;
        GuestShutdown = VsockShutdown.None;
        HostShutdown = VsockShutdown.None;
        Age = 0;
        Backlog.Clear();
        _greeting = default;
        _sent = 0;
        _guestAllocation = 0;
        _guestForwarded = 0;
        _forwarded = 0;
        _announced = 0;
    }

    /// <summary>Ends a life. A turn it still has is passed over.</summary>
    internal void End()
    {
        Socket?.Dispose();
        Socket = null;
        Stage = VsockStage.Free;
        Owed = VsockDebts.None;
        Life++;
    }

    /// <summary>Takes the credit that every packet of the guest tells.</summary>
    internal void TakeCredit(in VsockHeader header)
    {
        _guestAllocation = header.BufferAllocation;
        _guestForwarded = header.Forwarded;
    }

    /// <summary>Counts bytes sent to the guest.</summary>
    internal void CountSent(uint bytes) => _sent = unchecked(_sent + bytes);

    /// <summary>Counts bytes of the guest that no longer take room here.</summary>
    internal void CountForwarded(uint bytes) => _forwarded = unchecked(_forwarded + bytes);

    /// <summary>The header of a packet of this connection. It tells the guest the room here.</summary>
    internal VsockHeader Announce(VsockOperation operation, uint guestCid)
    {
        _announced = _forwarded;
        return new VsockHeader
        {
            SourceCid = VsockConfiguration.HostCid,
            DestinationCid = guestCid,
            SourcePort = HostPort,
            DestinationPort = GuestPort,
            Type = VsockSocketType.Stream,
            Operation = operation,
            BufferAllocation = BufferAllocation,
            Forwarded = _forwarded,
        };
    }
}

/// <summary>Where a connection stands.</summary>
internal enum VsockStage : byte
{
    /// <summary>There is none.</summary>
    Free,

    /// <summary>A process of the host has connected and not said yet which port it wants.</summary>
    Greeting,

    /// <summary>The guest has been asked, or is about to be.</summary>
    Connecting,

    /// <summary>Data can flow.</summary>
    Open,

    /// <summary>The process of the host has gone; the guest has still to agree.</summary>
    Closing,

    /// <summary>The guest has gone, and knows it; the process of the host has still to take what was sent.</summary>
    Draining,
}

/// <summary>Packets owed to the guest for a connection.</summary>
[Flags]
internal enum VsockDebts : byte
{
    None = 0,
    Request = 1 << 0,
    Response = 1 << 1,

    /// <summary>The socket may hold data.</summary>
    Data = 1 << 2,
    Shutdown = 1 << 3,
    CreditUpdate = 1 << 4,
    CreditRequest = 1 << 5,
}
