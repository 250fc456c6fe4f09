using System.Runtime.InteropServices;

namespace StratoVirt.Devices.Virtio.Vsock;

/// <summary><c>struct virtio_vsock_hdr</c> (virtio 1.3 §5.10.6), little-endian: what precedes every payload.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct VsockHeader
{
    internal const int Size = 44;

    internal ulong SourceCid;
    internal ulong DestinationCid;
    internal uint SourcePort;
    internal uint DestinationPort;
    internal uint Length;
    internal VsockSocketType Type;
    internal VsockOperation Operation;
    internal uint Flags;
    internal uint BufferAllocation;
    internal uint Forwarded;
}

/// <summary>Socket types (§5.10.6.2).</summary>
internal enum VsockSocketType : ushort
{
    Stream = 1,
}

/// <summary>Operations (§5.10.6).</summary>
internal enum VsockOperation : ushort
{
    Request = 1,
    Response = 2,
    Reset = 3,
    Shutdown = 4,
    ReadWrite = 5,
    CreditUpdate = 6,
    CreditRequest = 7,
}

/// <summary>What a side will not do any more, in the flags of a shutdown (§5.10.6.5).</summary>
[Flags]
internal enum VsockShutdown : uint
{
    None = 0,
    Receive = 1 << 0,
    Send = 1 << 1,
    Both = Receive | Send,
}

/// <summary>A reset owed to the guest for a connection that is not there: the header it will have.</summary>
/// <param name="HostCid">The CID the guest addressed.</param>
/// <param name="HostPort">The port the guest addressed.</param>
/// <param name="GuestPort">The guest's port.</param>
/// <param name="Type">The type the guest gave.</param>
internal readonly record struct VsockRefusal(ulong HostCid, uint HostPort, uint GuestPort, VsockSocketType Type);
