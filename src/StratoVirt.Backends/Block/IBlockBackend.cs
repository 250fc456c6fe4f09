using System.Diagnostics.CodeAnalysis;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Backends.Block;

/// <summary>
/// The host's side of a disk. Submitting, committing and collecting happen on one thread at a time (the device's) and
/// do not wait for a disk; the properties may be read by any.
/// </summary>
public interface IBlockBackend : IDisposable
{
    /// <summary>What it is, for the operator.</summary>
    string Name { get; }

    /// <summary>Bytes of the disk, a multiple of <see cref="LogicalBlock"/>.</summary>
    long Length { get; }

    /// <summary>Bytes of the unit offsets and lengths are multiples of: 512 or 4096.</summary>
    int LogicalBlock { get; }

    /// <summary>Bytes of the unit that is written without being read first.</summary>
    int PhysicalBlock { get; }

    /// <summary>Nothing can be written.</summary>
    bool IsReadOnly { get; }

    /// <summary>Discarding gives space back.</summary>
    bool CanUnmap { get; }

    /// <summary>Requests submitted and not collected.</summary>
    int InFlight { get; }

    /// <summary>Readable while there may be something to collect.</summary>
    FileDescriptor Completions { get; }

    /// <summary>Takes a request, whose range lies within the disk. The host sees it after <see cref="Commit"/>.</summary>
    void Submit(BlockIo io);

    /// <summary>Gives the host everything that was submitted, at once.</summary>
    void Commit();

    /// <summary>Gives back a request that is over, in any order; false when there is none at the moment.</summary>
    bool TryCollect([NotNullWhen(true)] out BlockIo? io);

    /// <summary>Blocks until there may be something to collect. For bringing a device to rest; something is in flight.</summary>
    void Wait();

    /// <summary>Makes the image's file longer; on any thread. Seen after <see cref="RefreshLength"/>.</summary>
    /// <param name="length">Bytes, more than there are.</param>
    /// <exception cref="Linux.LinuxException">The host refused: no space, or no file that can grow.</exception>
    void Grow(long length);

    /// <summary>Looks at the image's size again; on any thread.</summary>
    /// <returns>Whether <see cref="Length"/> has changed.</returns>
    /// <exception cref="Linux.LinuxException">The host does not tell.</exception>
    bool RefreshLength();
}
