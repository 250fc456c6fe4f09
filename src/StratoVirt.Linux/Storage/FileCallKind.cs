namespace StratoVirt.Linux.Storage;

/// <summary>What a <see cref="FileCall"/> asks of the kernel.</summary>
public enum FileCallKind
{
    /// <summary>Read into one piece of memory (pread).</summary>
    Read,

    /// <summary>Write from one piece of memory (pwrite).</summary>
    Write,

    /// <summary>Read into several pieces (preadv).</summary>
    ReadVectored,

    /// <summary>Write from several pieces (pwritev).</summary>
    WriteVectored,

    /// <summary>Make data that was written durable (fdatasync).</summary>
    SyncData,

    /// <summary>Give a range back to the file system or device; it reads as zero (fallocate, PUNCH_HOLE).</summary>
    PunchHole,

    /// <summary>Give a range of a block device back; what it reads as is not said (ioctl, BLKDISCARD). No ring takes it.</summary>
    Discard,

    /// <summary>Make a range read as zero, keeping its space (fallocate, ZERO_RANGE).</summary>
    ZeroRange,
}
