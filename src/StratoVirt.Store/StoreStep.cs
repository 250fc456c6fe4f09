namespace StratoVirt.Store;

/// <summary>The points of a change at which a crash leaves something different on disk. Tests stop at each.</summary>
internal enum StoreStep
{
    /// <summary>The directory of a new machine exists under its temporary name, empty.</summary>
    DirectoryCreated,
    /// <summary>The temporary file holds the definition; it may not be on disk.</summary>
    FileWritten,
    /// <summary>The temporary file is on disk.</summary>
    FileSynced,
    /// <summary>The file has its name.</summary>
    FileRenamed,
    /// <summary>A new machine's directory has its name.</summary>
    DirectoryRenamed,
    /// <summary>A removed machine's directory has a temporary name.</summary>
    DirectoryRetired,
}
