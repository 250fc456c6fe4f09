using StratoVirt.Linux;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Backends.Entropy;

/// <summary>A device or pipe that gives random bytes, as <c>/dev/hwrng</c>. It is read without waiting; when it has
/// nothing the caller comes again.</summary>
public sealed class FileEntropy : IEntropySource
{
    // A hardware generator gives a few bytes at a time and takes its time: no more than this is asked of it at once.
    private const int MostAtOnce = 4096;

    private readonly FileDescriptor _file;
    private readonly string _path;
    private Errno _failed;

    private FileEntropy(FileDescriptor file, string path)
    {
        _file = file;
        _path = path;
    }

    /// <inheritdoc/>
    public string? Problem { get; private set; }

    /// <summary>Opens it.</summary>
    /// <exception cref="LinuxException">It cannot be opened for reading.</exception>
    public static FileEntropy Open(string path) => new(OpenFile(path), path);

    /// <summary>Opens it alone.</summary>
    /// <exception cref="LinuxException">It cannot be opened for reading.</exception>
    public static FileDescriptor OpenFile(string path) => FileDescriptor.Open(path, OpenFlags.ReadOnly | OpenFlags.NonBlocking);

    /// <summary>Reads what another process has opened with <see cref="OpenFile"/>; owned from now on.</summary>
    public static FileEntropy Adopt(FileDescriptor file, string path) => new(file, path);

    /// <inheritdoc/>
    public int Read(Span<byte> destination)
    {
        if (destination.IsEmpty)
        {
            return 0;
        }

        Errno errno = _file.Read(destination[..Math.Min(destination.Length, MostAtOnce)], out int count);
        if (count > 0)
        {
            Problem = null;
            return count;
        }

        // Dry is no error. A file that ends gives no more random bytes: repeating it would give the same ones again.
        if (errno != Errno.Again && (Problem is null || errno != _failed))
        {
            _failed = errno;
            Problem = errno == Errno.None ? $"'{_path}' has ended" : $"reading '{_path}' fails with {errno}";
        }

        return 0;
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
