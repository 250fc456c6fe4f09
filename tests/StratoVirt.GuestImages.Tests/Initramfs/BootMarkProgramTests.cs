using System.Diagnostics;
using System.Runtime.InteropServices;
using StratoVirt.GuestImages.Initramfs;
using Xunit;

namespace StratoVirt.GuestImages.Tests.Initramfs;

public class BootMarkProgramTests
{
    [Fact]
    public void ItIsAStaticProgram() => Assert.True(BusyBox.IsStatic(BootMarkProgram.Create(0x606, 1, "/etc/init")));

    [Fact]
    public void ItBecomesTheNextProgramWithArgumentsAndEnvironment()
    {
        Assert.SkipUnless(RuntimeInformation.ProcessArchitecture == Architecture.X64, "The program is x86_64.");
        using var directory = new TemporaryDirectory();
        string next = directory.File("next", "#!/bin/sh\necho \"$STRATO $1 $2\"\n"u8.ToArray());

        // 0x80 is the port that firmware writes its progress codes to; without privilege no port is written at all.
        string program = directory.File("mark", BootMarkProgram.Create(0x80, 1, next));
        const UnixFileMode Executable = UnixFileMode.UserRead | UnixFileMode.UserExecute;
        File.SetUnixFileMode(next, Executable);
        File.SetUnixFileMode(program, Executable);

        var start = new ProcessStartInfo(program, ["one", "two words"]) { RedirectStandardOutput = true };
        start.Environment["STRATO"] = "kept";
        using var process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();

        Assert.Equal("kept one two words\n", output);
        Assert.Equal(0, process.ExitCode);
    }

    [Fact]
    public void WithoutANextProgramItFails()
    {
        Assert.SkipUnless(RuntimeInformation.ProcessArchitecture == Architecture.X64, "The program is x86_64.");
        using var directory = new TemporaryDirectory();
        string program = directory.File("mark", BootMarkProgram.Create(0x80, 1, "/nowhere"));
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);

        using var process = Process.Start(program);
        process.WaitForExit();

        Assert.Equal(1, process.ExitCode);
    }
}
