using Microsoft.Win32.SafeHandles;

namespace StratoVirt.PowerShell.Consoles;

/// <summary>The log file of a console: all there is of a machine that another process runs, or ran.</summary>
internal sealed class ConsoleLog : IConsoleHistory, IDisposable
{
    private readonly SafeFileHandle _file;

    private ConsoleLog(SafeFileHandle file) => _file = file;

    /// <inheritdoc/>
    public long Written => RandomAccess.GetLength(_file);

    /// <summary>Opens a log, or returns null when there is none.</summary>
    public static ConsoleLog? Open(string path) =>
        File.Exists(path)
            ? new ConsoleLog(File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete))
            : null;

    /// <inheritdoc/>
    public int Read(ref long position, Span<byte> destination)
    {
        int count = RandomAccess.Read(_file, destination, position);
        position += count;
        return count;
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
