using StratoVirt.Linux;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Backends.Memory;

/// <summary>
/// A file behind guest memory. The mapping is somebody else's; this keeps the file open for flushing, and mends the
/// mapping when the file is cut: memory takes the place of what is gone, at once where a device of ours touches it, and
/// of the rest when it is looked at, because a guest that touches a page behind the end of its file stops. No flush
/// succeeds from then on.
/// </summary>
public sealed class MappedFile : IPersistentFile
{
    private const string Gap = "the host had a page of the file no more, or no room for it: the file was cut for a while, or its file system is full. "
        + "What a device had there is lost, and no flush succeeds";

    private readonly FileDescriptor _file;
    private readonly bool _readOnly;
    private readonly MemoryMapping _mapping;
    private ulong _length;
    private volatile string? _problem;

    private MappedFile(FileDescriptor file, bool readOnly, MemoryMapping mapping)
    {
        _file = file;
        _readOnly = readOnly;
        _mapping = mapping;
        _length = mapping.Length;
    }

    /// <summary>What has become of the file, for the operator; null while it is as it was mapped.</summary>
    public string? Problem => _problem ?? (_mapping.HasLostPages ? Gap : null);

    /// <summary>Opens a file and maps all of it.</summary>
    /// <param name="path">The file, a whole number of <paramref name="granule"/> bytes long and not empty.</param>
    /// <param name="readOnly">Writes go to private memory and are forgotten with the mapping.</param>
    /// <param name="granule">Bytes its length must be a multiple of.</param>
    /// <param name="file">The file, to flush; the caller disposes it.</param>
    /// <returns>The mapping; the caller disposes it.</returns>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    /// <exception cref="InvalidDataException">The length does not suit.</exception>
    public static MemoryMapping Map(string path, bool readOnly, ulong granule, out MappedFile file)
    {
        FileDescriptor descriptor = FileDescriptor.Open(path, readOnly ? OpenFlags.ReadOnly : OpenFlags.ReadWrite);
        MemoryMapping? mapping = null;
        try
        {
            ulong length = FileStatus.Of(descriptor).Length;
            if (length == 0 || length % granule != 0)
            {
                throw new InvalidDataException($"'{path}' has {length} bytes; a multiple of {granule} is needed.");
            }

            mapping = readOnly
                ? MemoryMapping.CreatePrivate(descriptor, (nuint)length)
                : MemoryMapping.CreateShared(descriptor, (nuint)length);
            mapping.GuardLostPages();
            file = new MappedFile(descriptor, readOnly, mapping);
            return mapping;
        }
        catch
        {
            mapping?.Dispose();
            descriptor.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public Errno Flush() => Problem is not null ? Errno.InputOutput : _readOnly ? Errno.None : _file.TrySync();

    /// <summary>Looks whether the file has been cut since the last look, or a device has met a page that was not to be had,
    /// and puts memory in the place of what is gone. One thread at a time.</summary>
    /// <returns>Whether there is a problem that there was not before.</returns>
    /// <exception cref="LinuxException">The process has as many mappings as it may have.</exception>
    public bool TryMend()
    {
        ulong length = FileStatus.Of(_file).Length;
        if (length >= _length)
        {
            if (_problem is not null || !_mapping.HasLostPages)
            {
                return false;
            }

            _problem = Gap;
            return true;
        }

        // The rest of the last page is there, and reads as zero.
        ulong pages = (ulong)Environment.SystemPageSize;
        ulong kept = (length + pages - 1) / pages * pages;
        if (kept < _length)
        {
            _mapping.ReplaceFrom((nuint)kept);
        }

        _length = length;
        _problem = $"the file was cut to {length} bytes: what lay behind is lost and reads as zero, and no flush succeeds";
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
