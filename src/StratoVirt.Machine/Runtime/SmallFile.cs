using StratoVirt.Linux;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Machine.Runtime;

/// <summary>Writes whole files of a few hundred bytes with the few system calls that a contained process still has.</summary>
internal static class SmallFile
{
    private const int OwnerReadWrite = 0x180;

    /// <summary>Writes a file anew, for its owner alone.</summary>
    /// <exception cref="LinuxException">It cannot be written.</exception>
    internal static void Write(string path, ReadOnlySpan<byte> content)
    {
        using FileDescriptor file = FileDescriptor.Open(
            path, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Truncate, OwnerReadWrite);
        Errno errno = file.WriteAll(content);
        if (errno != Errno.None)
        {
            throw new LinuxException("write", errno, path);
        }
    }
}
