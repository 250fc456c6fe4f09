namespace StratoVirt.Shell.Tests;

public sealed class ShellArgumentsTests
{
    [Theory]
    [InlineData("-c|1+1", ShellMode.Command, "1+1")]
    [InlineData("-Command|a|b c|d", ShellMode.Command, "a b c d")]
    [InlineData("-nop|-noni|-COMM|x", ShellMode.Command, "x")]
    [InlineData("a.ps1", ShellMode.File, "a.ps1")]
    [InlineData("-f|a.ps1", ShellMode.File, "a.ps1")]
    [InlineData("-NoProfile|a.ps1|-c|x", ShellMode.File, "a.ps1")]
    [InlineData("-ExecutionPolicy|Bypass|-File|a.ps1", ShellMode.File, "a.ps1")]
    [InlineData("", ShellMode.Prompt, "")]
    [InlineData("-NoLogo", ShellMode.Prompt, "")]
    [InlineData("-", ShellMode.StandardInput, "")]
    [InlineData("-c|-", ShellMode.StandardInput, "")]
    [InlineData("--version", ShellMode.Version, "")]
    [InlineData("-v", ShellMode.Version, "")]
    [InlineData("-h", ShellMode.Help, "")]
    [InlineData("-?", ShellMode.Help, "")]
    internal void ReadsPwshsCommandLines(string line, ShellMode mode, string text)
    {
        var options = ShellArguments.Parse(Split(line));
        Assert.Equal(mode, options.Mode);
        Assert.Equal(text, options.Text);
    }

    [Fact]
    public void ReadsTheSwitches()
    {
        var options = ShellArguments.Parse(["-NoExit", "-NonInteractive", "-NoLogo", "-wd", "/tmp", "-c", "1"]);
        Assert.True(options is { NoExit: true, NonInteractive: true, NoLogo: true, WorkingDirectory: "/tmp" });
    }

    [Theory]
    [InlineData("-bogus")]
    [InlineData("-no")]
    [InlineData("-c")]
    [InlineData("-File")]
    [InlineData("-WorkingDirectory")]
    public void RefusesWhatItDoesNotKnow(string line) =>
        Assert.Throws<ShellArgumentException>(() => ShellArguments.Parse(Split(line)));

    [Theory]
    [InlineData("-Task|Test", "-Task=|Test")]
    [InlineData("a|b", "a|b")]
    [InlineData("-N:5", "-N=5")]
    [InlineData("-N:|5", "-N=5")]
    [InlineData("-Switch:$true", "-Switch=True")]
    [InlineData("-Switch:$false|-", "-Switch=False|-")]
    [InlineData("-N:", "-N=")]
    public void ScriptArgumentsFollowPwshsRules(string line, string expected) =>
        Assert.Equal(expected, string.Join('|', ShellArguments.ScriptArguments(Split(line)).Select(parameter =>
            parameter.Name is null ? $"{parameter.Value}" : $"{parameter.Name}={parameter.Value}")));

    private static string[] Split(string line) => line.Length == 0 ? [] : line.Split('|');
}
