using System.Runtime.InteropServices;

namespace StratoVirt.Backends.VhostUser;

// The vhost-user protocol of QEMU's documentation ("Vhost-user Protocol"), front-end's side: what is sent and received
// here. Numbers are in the machine's byte order, structures without gaps.

/// <summary>What precedes every payload.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct VhostUserHeader
{
    internal const int Size = 12;
    internal const uint Version = 1;
    internal const uint VersionMask = 3;
    internal const uint Reply = 1 << 2;
    internal const uint NeedReply = 1 << 3;

    internal VhostUserRequest Request;
    internal uint Flags;
    internal uint Length;
}

/// <summary>Requests of the front-end.</summary>
internal enum VhostUserRequest : uint
{
    GetFeatures = 1,
    SetFeatures = 2,
    SetOwner = 3,
    SetMemoryTable = 5,
    SetVringSize = 8,
    SetVringAddresses = 9,
    SetVringBase = 10,
    GetVringBase = 11,
    SetVringKick = 12,
    SetVringCall = 13,
    GetProtocolFeatures = 15,
    SetProtocolFeatures = 16,
    GetQueueCount = 17,
    SetVringEnable = 18,
    ResetDevice = 34,
}

/// <summary>Extensions of the protocol that are used when both sides know them.</summary>
[Flags]
internal enum VhostUserExtensions : ulong
{
    None = 0,

    /// <summary>The back-end can be asked how many queues it serves.</summary>
    QueueCount = 1UL << 0,

    /// <summary>Every request can be acknowledged.</summary>
    Acknowledgements = 1UL << 3,

    /// <summary>The back-end can be put back to where it began.</summary>
    Reset = 1UL << 13,
}

/// <summary>A number of a queue.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct VhostUserVringState
{
    internal uint Index;
    internal uint Number;
}

/// <summary>Where a queue's rings are, as user addresses of the memory table.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct VhostUserVringAddresses
{
    internal uint Index;
    internal uint Flags;
    internal ulong DescriptorArea;
    internal ulong DeviceArea;
    internal ulong DriverArea;
    internal ulong Log;
}

/// <summary>What precedes the regions of a memory table.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct VhostUserMemoryTable
{
    internal uint Count;
    internal uint Padding;
}

/// <summary>One region of guest memory; its descriptor goes beside the message.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct VhostUserMemoryRegion
{
    internal ulong GuestAddress;
    internal ulong Length;
    internal ulong UserAddress;
    internal ulong FileOffset;
}
