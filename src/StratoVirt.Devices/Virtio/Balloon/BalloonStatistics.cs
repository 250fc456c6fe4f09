namespace StratoVirt.Devices.Virtio.Balloon;

/// <summary>What a guest says of its memory (virtio 1.3 §5.5.6.1, §5.5.6.2; the last six are Linux's). Null where it
/// says nothing. All of it is the guest's word.</summary>
public sealed record BalloonStatistics
{
    /// <summary>When it was received.</summary>
    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>Bytes swapped in.</summary>
    public ulong? SwapIn { get; init; }

    /// <summary>Bytes swapped out.</summary>
    public ulong? SwapOut { get; init; }

    /// <summary>Page faults that needed I/O.</summary>
    public ulong? MajorFaults { get; init; }

    /// <summary>Page faults that did not.</summary>
    public ulong? MinorFaults { get; init; }

    /// <summary>Bytes not used for anything.</summary>
    public ulong? FreeMemory { get; init; }

    /// <summary>Bytes there are.</summary>
    public ulong? TotalMemory { get; init; }

    /// <summary>Bytes that new programs could have without swapping, estimated.</summary>
    public ulong? AvailableMemory { get; init; }

    /// <summary>Bytes that can be reclaimed without I/O.</summary>
    public ulong? DiskCaches { get; init; }

    /// <summary>Huge pages allocated.</summary>
    public ulong? HugePageAllocations { get; init; }

    /// <summary>Huge pages that could not be allocated.</summary>
    public ulong? HugePageFailures { get; init; }

    /// <summary>Times the out-of-memory killer ran.</summary>
    public ulong? OutOfMemoryKills { get; init; }

    /// <summary>Allocations that had to wait for memory.</summary>
    public ulong? AllocationStalls { get; init; }

    /// <summary>Pages scanned in the background.</summary>
    public ulong? AsyncScans { get; init; }

    /// <summary>Pages scanned by whoever needed memory.</summary>
    public ulong? DirectScans { get; init; }

    /// <summary>Pages reclaimed in the background.</summary>
    public ulong? AsyncReclaims { get; init; }

    /// <summary>Pages reclaimed by whoever needed memory.</summary>
    public ulong? DirectReclaims { get; init; }
}
