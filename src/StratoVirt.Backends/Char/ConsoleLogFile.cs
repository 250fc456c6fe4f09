namespace StratoVirt.Backends.Char;

/// <summary>
/// A file that is appended to and, full, moved to <c>.1</c>. After a failed call nothing counts as written: the same
/// call may be made again and overwrites what a part of it has left behind.
/// </summary>
internal sealed class ConsoleLogFile : IDisposable
{
    // What a guest prints can hold its secrets.
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string _path;
    private readonly long _limit;
    private FileStream _file;
    private long _length;

    internal ConsoleLogFile(string path, long limit)
    {
        _path = path;
        _limit = limit;
        _file = Open(path);
        _length = _file.Length;
    }

    /// <summary>Where the file goes when it is full.</summary>
    internal string RotatedPath => _path + ".1";

    /// <summary>Appends a part of the data, at least one byte; returns how many.</summary>
    /// <exception cref="IOException">The file system refused.</exception>
    /// <exception cref="UnauthorizedAccessException">The file system refused.</exception>
    internal int Append(ReadOnlySpan<byte> data)
    {
        if (_length >= _limit)
        {
            Rotate();
        }

        int count = (int)Math.Min(data.Length, _limit - _length);
        RandomAccess.Write(_file.SafeFileHandle, data[..count], _length);
        _length += count;
        return count;
    }

    /// <summary>Brings what was appended to the disk.</summary>
    internal void Flush() => _file.Flush(flushToDisk: true);

    public void Dispose() => _file.Dispose();

    private static FileStream Open(string path) => new(path, new FileStreamOptions
    {
        Mode = FileMode.OpenOrCreate,
        Access = FileAccess.Write,
        Share = FileShare.ReadWrite | FileShare.Delete,
        BufferSize = 0,
        UnixCreateMode = OwnerOnly,
    });

    private void Rotate()
    {
        // An earlier try may have moved the file and then failed to make the next one.
        if (File.Exists(_path))
        {
            File.Move(_path, RotatedPath, overwrite: true);
        }

        FileStream next = Open(_path);
        _file.Dispose();
        _file = next;
        _length = next.Length;
    }
}
