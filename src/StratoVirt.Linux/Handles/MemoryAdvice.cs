namespace StratoVirt.Linux.Handles;

/// <summary>Advice of madvise(2).</summary>
public enum MemoryAdvice
{
    /// <summary>MADV_DONTNEED: give the pages back now; anonymous memory reads as zero afterwards.</summary>
    DontNeed = 4,
    /// <summary>MADV_REMOVE: give the pages of a shared mapping and of the file behind it back; they read as zero
    /// afterwards. Refused for private mappings.</summary>
    Remove = 9,
    /// <summary>MADV_HUGEPAGE: huge pages pay here.</summary>
    HugePage = 14,
    /// <summary>MADV_DONTDUMP: keep it out of core dumps.</summary>
    DontDump = 16,
    /// <summary>MADV_POPULATE_WRITE: fault the range in for writing, now.</summary>
    PopulateWrite = 23,
}
