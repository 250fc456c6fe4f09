using System.Diagnostics;
using Xunit;

namespace StratoVirt.Devices.Tests.Virtio.Block;

/// <summary>A file system in memory with little room, which really fills up; skipped where none may be mounted.</summary>
internal sealed class SmallFileSystem : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("stratovirt-full-");

    internal SmallFileSystem(int bytes)
    {
        if (Run("mount", "-t", "tmpfs", "-o", $"size={bytes}", "tmpfs", _directory.FullName) != 0)
        {
            _directory.Delete();
            Assert.Skip("No file system may be mounted here.");
        }
    }

    internal string this[string name] => Path.Combine(_directory.FullName, name);

    public void Dispose()
    {
        _ = Run("umount", "-l", _directory.FullName);
        _directory.Delete();
    }

    private static int Run(string program, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return -1;
        }
    }
}
