using StratoVirt.Linux.Abi;

namespace StratoVirt.Linux.Storage;

/// <summary>The ioctl requests of storage, for those who filter what a thread may ask of the kernel.</summary>
public static class StorageRequests
{
    /// <summary>What opening a block device takes, and looking whether it has grown.</summary>
    public static IReadOnlyList<uint> OfOpening { get; } = [LibC.BLKSSZGET, LibC.BLKPBSZGET, LibC.BLKGETSIZE64];

    /// <summary>What looking at the length of a block device takes.</summary>
    public static IReadOnlyList<uint> OfLength { get; } = [LibC.BLKGETSIZE64];

    /// <summary>What giving ranges of a block device back takes.</summary>
    public static IReadOnlyList<uint> OfDiscard { get; } = [LibC.BLKDISCARD];
}
