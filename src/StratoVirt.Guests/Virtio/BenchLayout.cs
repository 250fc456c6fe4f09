using StratoVirt.Guests.Image;

namespace StratoVirt.Guests.Virtio;

/// <summary>
/// Where the benchmark guest keeps what devices read and write, above what its file loads. It counts on RAM that is
/// zero at start.
/// </summary>
internal static class BenchLayout
{
    /// <summary>Descriptor area of queue 0 (virtio 1.3, 2.7); there is room for 256 descriptors.</summary>
    public const ulong Descriptors = 0x20_0000;

    /// <summary>Driver area of queue 0.</summary>
    public const ulong Available = Descriptors + 0x1000;

    /// <summary>Device area of queue 0.</summary>
    public const ulong Used = Descriptors + 0x2000;

    /// <summary>Bytes from one queue to the next.</summary>
    public const ulong QueueStride = 0x4000;

    /// <summary>Request headers, 16 bytes for each slot.</summary>
    public const ulong Headers = 0x21_0000;

    /// <summary>Request status, a byte for each slot.</summary>
    public const ulong Statuses = 0x21_1000;

    /// <summary>Headers of socket packets, <see cref="PacketStride"/> bytes for each slot.</summary>
    public const ulong Packets = 0x21_2000;

    /// <summary>Buffers for packets that are received, <see cref="PacketStride"/> bytes each.</summary>
    public const ulong ReceivedPackets = 0x21_4000;

    /// <summary>Bytes from one packet to the next.</summary>
    public const int PacketStride = 64;

    /// <summary>Data, slot after slot, up to the end of RAM.</summary>
    public const ulong Buffers = 0x100_0000;

    /// <summary>Address of the command line.</summary>
    public const ulong CommandLine = GuestLayout.Scratch;

    /// <summary>Bytes of data in a request.</summary>
    public const ulong Size = GuestLayout.Scratch + 0x08;

    /// <summary>Requests under way at once; each has a slot.</summary>
    public const ulong Depth = GuestLayout.Scratch + 0x10;

    /// <summary>Requests in all; for the clock, ticks to wait.</summary>
    public const ulong Count = GuestLayout.Scratch + 0x18;

    /// <summary>Whether EVENT_IDX was negotiated.</summary>
    public const ulong EventIndex = GuestLayout.Scratch + 0x20;

    /// <summary>Requests that failed or brought other data than they should.</summary>
    public const ulong Errors = GuestLayout.Scratch + 0x28;

    /// <summary>Time stamp counter at the start; the time taken afterwards.</summary>
    public const ulong Ticks = GuestLayout.Scratch + 0x30;

    /// <summary>Requests that fit on the disk.</summary>
    public const ulong DiskBlocks = GuestLayout.Scratch + 0x38;

    /// <summary>State of the random numbers; 0 for requests one behind the other.</summary>
    public const ulong Random = GuestLayout.Scratch + 0x40;

    /// <summary>The next request, one behind the other.</summary>
    public const ulong NextBlock = GuestLayout.Scratch + 0x48;

    /// <summary>The guest's context id.</summary>
    public const ulong GuestCid = GuestLayout.Scratch + 0x50;

    /// <summary>Bytes sent over the connection, 32 bits, as the next two are.</summary>
    public const ulong Sent = GuestLayout.Scratch + 0x58;

    /// <summary>Bytes that the other side has passed on, as it says.</summary>
    public const ulong Forwarded = GuestLayout.Scratch + 0x60;

    /// <summary>Bytes that the other side has room for, as it says.</summary>
    public const ulong Allocation = GuestLayout.Scratch + 0x68;

    /// <summary>Next entry of the receive queue's used ring, 16 bits.</summary>
    public const ulong ReceiveUsed = GuestLayout.Scratch + 0x70;

    /// <summary>Next entry of the receive queue's available ring, 16 bits.</summary>
    public const ulong ReceiveAvailable = GuestLayout.Scratch + 0x78;
}
