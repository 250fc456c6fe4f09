using System.IO.Compression;
using System.Text;

namespace StratoVirt.GuestImages.Initramfs;

/// <summary>Lays out the guest's root and writes it as a compressed archive.</summary>
internal static class InitramfsWriter
{
    private const UnixFileMode Executable =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private const UnixFileMode Plain =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private const string ScriptPath = "etc/init";

    private static readonly string[] Directories =
    [
        "bin", "dev", "etc", "etc/acpi", "etc/acpi/PWRF", "lib", "lib/modules", "mnt", "proc", "root", "run", "sbin",
        "sys", "tmp", "var", "var/run",
    ];

    /// <summary>Writes the initramfs.</summary>
    /// <param name="path">The file to create.</param>
    /// <param name="busyBox">The program.</param>
    /// <param name="initScript">The text of the init script.</param>
    /// <param name="bootMark">Whether init begins with a boot mark.</param>
    /// <param name="modules">Modules by name, put into /lib/modules.</param>
    public static void Write(
        string path,
        byte[] busyBox,
        string initScript,
        bool bootMark,
        IReadOnlyDictionary<string, byte[]> modules)
    {
        var archive = new CpioArchive();
        foreach (string directory in Directories)
        {
            archive.AddDirectory(directory, Executable);
        }

        // The kernel opens /dev/console for init before anything is mounted (Documentation/admin-guide/devices.txt: 5,1).
        archive.AddCharacterDevice("dev/console", Private, 5, 1);
        archive.AddCharacterDevice("dev/null", Plain, 1, 3);
        archive.AddFile("bin/busybox", Executable, busyBox);
        archive.AddSymbolicLink("bin/sh", "busybox");
        if (bootMark)
        {
            archive.AddFile(
                "init",
                Executable,
                BootMarkProgram.Create(InitScript.BootMarkPort, InitScript.InitReached, "/" + ScriptPath));
            archive.AddFile(ScriptPath, Executable, Encoding.UTF8.GetBytes(initScript));
        }
        else
        {
            archive.AddFile("init", Executable, Encoding.UTF8.GetBytes(initScript));
        }

        archive.AddFile(InitScript.ShellSetupPath, Plain, Encoding.UTF8.GetBytes(InitScript.ShellSetup));
        archive.AddFile(InitScript.PowerButtonPath, Executable, Encoding.UTF8.GetBytes(InitScript.PowerButtonScript));
        foreach ((string name, byte[] content) in modules)
        {
            archive.AddFile($"lib/modules/{name}.ko", Plain, content);
        }

        using FileStream file = File.Create(path);
        using var gzip = new GZipStream(file, CompressionLevel.SmallestSize);
        archive.WriteTo(gzip);
    }
}
