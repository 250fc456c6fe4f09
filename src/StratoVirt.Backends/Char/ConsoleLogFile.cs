using StratoVirt.Linux;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Backends.Char;

/// <summary>
/// A file that is appended to and, full, moved to <c>.1</c>. After a failed call nothing counts as written: the same
/// call may be made again and overwrites what a part of it has left behind.
/// </summary>
internal sealed class ConsoleLogFile : IDisposable
{
    // What a guest prints can hold its secrets.
    private const int OwnerOnly = 0x180;

    private readonly string _path;
    private readonly long _limit;
    private FileDescriptor _file;
    private long _length;

    internal ConsoleLogFile(string path, long limit)
    {
        _path = path;
        _limit = limit;
        (_file, _length) = Open(path);
    }

    /// <summary>Where the file goes when it is full.</summary>
    internal string RotatedPath => _path + ".1";

    /// <summary>Appends a part of the data, at least one byte; returns how many.</summary>
    /// <exception cref="LinuxException">The file system refused.</exception>
    internal int Append(ReadOnlySpan<byte> data)
    {
        if (_length >= _limit)
        {
            Rotate();
        }

        Errno errno = _file.WriteAt(data[..(int)Math.Min(data.Length, _limit - _length)], _length, out int count);
        _length += count;
        return errno == Errno.None ? count : throw new LinuxException("write", errno, _path);
    }

    /// <summary>Brings what was appended to the disk.</summary>
    /// <exception cref="LinuxException">It may not be there.</exception>
    internal void Flush()
    {
        Errno errno = _file.TrySyncData();
        if (errno != Errno.None)
        {
            throw new LinuxException("fdatasync", errno, _path);
        }
    }

    public void Dispose() => _file.Dispose();

    private static (FileDescriptor File, long Length) Open(string path)
    {
        FileDescriptor file = FileDescriptor.Open(path, OpenFlags.WriteOnly | OpenFlags.Create, OwnerOnly);
        try
        {
            return (file, (long)FileStatus.Of(file).Length);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private void Rotate()
    {
        // An earlier try may have moved the file and then failed to make the next one.
        FileNames.TryRename(_path, RotatedPath);
        (FileDescriptor next, long length) = Open(_path);
        _file.Dispose();
        _file = next;
        _length = length;
    }
}
