using System.Globalization;
using System.Text;
using StratoVirt.Linux;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Host;

/// <summary>What the process has to say, a line each, on standard error: a file in the machine's runtime directory when
/// somebody ordered it. Without the console's machinery, which would be most of this program.</summary>
internal static class HostLog
{
    private const int FileMode = 0x180;

    private static FileDescriptor _output = new(2, ownsHandle: false);

    /// <summary>Lets all further lines go to the end of a file.</summary>
    /// <exception cref="LinuxException">It cannot be opened.</exception>
    public static void WriteTo(string path) =>
        _output = FileDescriptor.Open(path, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Append, FileMode);

    /// <summary>Writes a line with the time (UTC) before it. What cannot be written is lost: there is nobody to tell.</summary>
    public static void Write(string text) =>
        WriteLine(string.Create(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:yyyy-MM-dd HH:mm:ss.fff}Z {text}\n"));

    /// <summary>Writes a line to whoever typed the command.</summary>
    public static void Complain(string text) => WriteLine($"stratovirt: {text}\n");

    private static void WriteLine(string line) => _ = _output.WriteAll(Encoding.UTF8.GetBytes(line));
}
