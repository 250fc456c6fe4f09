using System.Globalization;
using System.Text;
using StratoVirt.Linux;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Host;

/// <summary>A file that says which process holds the machine, for scripts that look for one (mode 0600).</summary>
internal static class PidFile
{
    private const int Mode = 0x180;

    /// <summary>Writes this process's id.</summary>
    /// <exception cref="LinuxException">It cannot be written.</exception>
    public static void Write(string path)
    {
        using FileDescriptor file = FileDescriptor.Open(path, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Truncate, Mode);
        Errno errno = file.WriteAll(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}\n")));
        if (errno != Errno.None)
        {
            throw new LinuxException("write", errno, path);
        }
    }

    /// <summary>Deletes it, if it is still there and may be.</summary>
    public static void Delete(string path)
    {
        try
        {
            _ = FileNames.TryDelete(path);
        }
        catch (LinuxException refused)
        {
            HostLog.Write($"'{path}' stays: {refused.Message}");
        }
    }
}
