using System.Diagnostics.CodeAnalysis;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Memory;

public sealed partial class GuestMemoryRegion
{
    private GuestMemoryRegion(GuestAddress start, MemoryMapping mapping, FileDescriptor sharedFile)
        : this(start, mapping) => SharedFile = sharedFile;

    /// <summary>The memory file whose first byte is this region's first, for another process to map; null when the
    /// memory is this process's own. Not to be disposed by the caller.</summary>
    public FileDescriptor? SharedFile { get; }

    /// <summary>Whether another process can map it.</summary>
    [MemberNotNullWhen(true, nameof(SharedFile))]
    public bool IsShared => SharedFile is not null;

    // A private page that is dropped reads as zero again; a shared one lives in its file and must be punched out of it.
    private MemoryAdvice GiveBack => IsShared ? MemoryAdvice.Remove : MemoryAdvice.DontNeed;

    /// <summary>Makes zeroed RAM in a memory file of its own, sealed at its size, that takes host memory only as it is
    /// touched and stays out of core dumps.</summary>
    /// <param name="range">Where it is: page-aligned, not empty.</param>
    /// <exception cref="Linux.LinuxException">No descriptor left, or that much memory is refused.</exception>
    internal static GuestMemoryRegion CreateShared(GuestRange range)
    {
        MemFd file = MemFd.Create("guest-memory", range.Length);
        try
        {
            MemoryMapping mapping = MemoryMapping.CreateShared(file, (nuint)range.Length);
            _ = mapping.Advise(0, mapping.Length, MemoryAdvice.DontDump);
            return new GuestMemoryRegion(range.Start, mapping, file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }
}
