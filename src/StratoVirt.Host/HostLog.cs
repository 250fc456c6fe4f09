using System.Globalization;
using System.Text;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Host;

/// <summary>What the process has to say, a line each, on standard error: a file in the machine's runtime directory when
/// somebody ordered it. Without the console's machinery, which would be most of this program.</summary>
internal static class HostLog
{
    private static readonly FileDescriptor Output = new(2, ownsHandle: false);

    /// <summary>Writes a line with the time (UTC) before it. What cannot be written is lost: there is nobody to tell.</summary>
    public static void Write(string text)
    {
        string line = string.Create(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:yyyy-MM-dd HH:mm:ss.fff}Z {text}\n");
        _ = Output.WriteAll(Encoding.UTF8.GetBytes(line));
    }
}
