using System.Diagnostics;
using Xunit;

namespace StratoVirt.GuestImages.Tests;

public class InitScriptTests
{
    [Fact]
    public void ModulesAreLoadedInOrder() => Assert.Contains(
        "for module in virtio_ring virtio virtio_blk; do",
        InitScript.Create("guest", ["virtio_ring", "virtio", "virtio_blk"]),
        StringComparison.Ordinal);

    [Theory]
    [InlineData("virtio button")]
    [InlineData("")]
    public void TheShellAcceptsEveryScript(string modules)
    {
        Assert.SkipUnless(File.Exists("/bin/busybox"), "There is no /bin/busybox.");
        AssertParses(InitScript.Create("guest", modules.Split(' ')));
        AssertParses(InitScript.ShellSetup);
        AssertParses(InitScript.PowerButtonScript);
    }

    [Fact]
    public void ThePromptIsTheOneAnnounced()
    {
        Assert.SkipUnless(File.Exists("/bin/busybox"), "There is no /bin/busybox.");
        string setup = InitScript.ShellSetup.Replace(">/dev/tty", "", StringComparison.Ordinal);

        Assert.Equal(
            InitScript.PromptOf("box"),
            Run($"hostname() {{ echo box; }}\nHOME=/usr\ncd\n{setup}\nprompt\n"));
        Assert.Equal(
            "box:~/bin# ",
            Run($"hostname() {{ echo box; }}\nHOME=/usr\ncd /usr/bin\n{setup}\nprompt\n"));
        Assert.Equal(
            "box:/# ",
            Run($"hostname() {{ echo box; }}\nHOME=/usr\ncd /\n{setup}\nprompt\n"));
    }

    [Fact]
    public void AModuleIsGivenItsParametersOfTheCommandLine()
    {
        Assert.SkipUnless(File.Exists("/bin/busybox"), "There is no /bin/busybox.");
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, "quiet a.x=1 ab.x=2 a.y=\"3\" b.a.x=4\n");
            string script = InitScript.ModuleOptions.Replace("/proc/cmdline", file, StringComparison.Ordinal);
            Assert.Equal(" x=1 y=\"3\"\n x=2\n a.x=4\n\n", Run($"{script}\nfor module in a ab b c; do find_options $module; echo \"$options\"; done\n"));
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static void AssertParses(string script) => Assert.Empty(Run(script, "-n"));

    private static string Run(string script, params string[] options)
    {
        var start = new ProcessStartInfo("/bin/busybox", ["sh", .. options])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var shell = Process.Start(start)!;
        shell.StandardInput.Write(script);
        shell.StandardInput.Close();
        string output = shell.StandardOutput.ReadToEnd() + shell.StandardError.ReadToEnd();
        shell.WaitForExit();
        return output;
    }
}
