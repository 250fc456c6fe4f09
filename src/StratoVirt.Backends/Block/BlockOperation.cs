namespace StratoVirt.Backends.Block;

/// <summary>What a disk is asked to do.</summary>
public enum BlockOperation
{
    /// <summary>Fill memory from the disk.</summary>
    Read,

    /// <summary>Write memory to the disk.</summary>
    Write,

    /// <summary>Make everything durable that was written and completed before.</summary>
    Flush,

    /// <summary>A range is not needed any more; what it reads as afterwards is open.</summary>
    Discard,

    /// <summary>A range shall read as zero.</summary>
    WriteZeroes,
}
