using StratoVirt.Linux;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Backends.Memory;

/// <summary>A file behind guest memory. The mapping is somebody else's; this keeps the file open for flushing.</summary>
public sealed class MappedFile : IPersistentFile
{
    private readonly FileDescriptor _file;
    private readonly bool _readOnly;

    private MappedFile(FileDescriptor file, bool readOnly)
    {
        _file = file;
        _readOnly = readOnly;
    }

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
        try
        {
            ulong length = FileStatus.Of(descriptor).Length;
            if (length == 0 || length % granule != 0)
            {
                throw new InvalidDataException($"'{path}' has {length} bytes; a multiple of {granule} is needed.");
            }

            MemoryMapping mapping = readOnly
                ? MemoryMapping.CreatePrivate(descriptor, (nuint)length)
                : MemoryMapping.CreateShared(descriptor, (nuint)length);
            file = new MappedFile(descriptor, readOnly);
            return mapping;
        }
        catch
        {
            descriptor.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public Errno Flush() => _readOnly ? Errno.None : _file.TrySync();

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
