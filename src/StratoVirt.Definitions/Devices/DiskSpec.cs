namespace StratoVirt.Definitions.Devices;

/// <summary>A disk: a raw image file or a block device of the host.</summary>
public sealed record DiskSpec : DeviceSpec
{
    /// <inheritdoc/>
    public required override string Name { get; init; }

    /// <summary>Path of the image or block device.</summary>
    public required string Path { get; init; }

    /// <summary>The guest may not write.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>Up to 20 ASCII characters that the guest finds in <c>/dev/disk/by-id</c>; null takes the name.</summary>
    public string? Serial { get; init; }

    /// <summary>Logical block size, 512 or 4096 bytes.</summary>
    public int BlockSize { get; init; } = 512;

    /// <summary>Request queues, 1 to 32; null takes one for each vCPU, 8 at most.</summary>
    public int? Queues { get; init; }

    /// <summary>How the host's cache is used.</summary>
    public DiskCache Cache { get; init; } = DiskCache.Buffered;

    /// <summary>How I/O is carried out; null takes io_uring where the host allows it.</summary>
    public DiskEngine? Engine { get; init; }

    /// <summary>Whether the guest may give blocks back (discard, write zeroes with unmap).</summary>
    public bool Discard { get; init; } = true;

    /// <summary>Limits of this disk.</summary>
    public RateLimitSpec? RateLimit { get; init; }

    /// <summary>Name of one of <c>spec.rateGroups</c>, whose limits this disk shares with others.</summary>
    public string? RateGroup { get; init; }
}
