using StratoVirt.Linux.Handles;
using StratoVirt.Linux.Threads;

namespace StratoVirt.Backends.Block;

/// <summary>How an image is opened.</summary>
public sealed record BlockImageOptions
{
    /// <summary>The most worker threads of one image.</summary>
    public const int MaxThreads = 32;

    /// <summary>A raw file or a block device.</summary>
    public required string Path { get; init; }

    /// <summary>The image, opened by <see cref="BlockImage.OpenFile"/> in a process that may; closed with the image or on
    /// failure. Null opens the path.</summary>
    public FileDescriptor? File { get; init; }

    /// <summary>Opened for reading only; then several machines may use it.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>Past the host's page cache (O_DIRECT).</summary>
    public bool Direct { get; init; }

    /// <summary>Whether discarded and zeroed ranges are given back to the host's file system or device.</summary>
    public bool Unmap { get; init; } = true;

    /// <summary>Whether the image is locked against other machines: shared when read-only, else exclusive.</summary>
    public bool Lock { get; init; } = true;

    /// <summary>How long another's lock is waited for: the kernel gives back what a process had in a ring only some time
    /// after that has died.</summary>
    public TimeSpan Patience { get; init; }

    /// <summary>How I/O is done.</summary>
    public BlockEngine Engine { get; init; }

    /// <summary>Worker threads, where they are used; 1 to <see cref="MaxThreads"/>.</summary>
    public int Threads { get; init; } = 4;

    /// <summary>Told by each worker thread what it is for; null where nobody asks.</summary>
    public IThreadGuard? Guard { get; init; }

    /// <summary>Bytes of the smallest unit the guest may address, 512 or 4096; null for the smallest the host allows.</summary>
    public int? LogicalBlock { get; init; }
}
