namespace StratoVirt.Backends.Block;

/// <summary>How an image's I/O is done without blocking the device's thread.</summary>
public enum BlockEngine
{
    /// <summary>io_uring; worker threads where the kernel, the administrator or a sandbox refuses it.</summary>
    Automatic,

    /// <summary>io_uring, or not at all.</summary>
    IoUring,

    /// <summary>A few worker threads of the image's own.</summary>
    Threads,
}
