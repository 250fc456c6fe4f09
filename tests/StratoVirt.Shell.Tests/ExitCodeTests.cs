namespace StratoVirt.Shell.Tests;

/// <summary>pwsh's exit codes, by which callers judge a script.</summary>
public sealed class ExitCodeTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("stratovirt-shell");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("1", 0)]
    [InlineData("exit 3", 3)]
    [InlineData("/bin/false", 1)]
    [InlineData("/bin/sh -c 'exit 7'", 1)]
    [InlineData("/bin/false; 1", 0)]
    [InlineData("throw 'x'", 1)]
    [InlineData("1/0", 1)]
    [InlineData("1/0; 1", 0)]
    [InlineData("Get-Bogus", 1)]
    [InlineData("if (", 1)]
    public void OfACommand(string command, int expected) =>
        Assert.Equal(expected, ShellProcess.Run(null, "-c", command).Code);

    [Theory]
    [InlineData("1", 0)]
    [InlineData("exit 3", 3)]
    [InlineData("exit", 0)]
    [InlineData("/bin/sh -c 'exit 7'", 0)]
    [InlineData("/bin/sh -c 'exit 7'; exit $LASTEXITCODE", 7)]
    [InlineData("/bin/false; exit 0", 0)]
    [InlineData("throw 'x'", 1)]
    [InlineData("1/0; 1", 0)]
    [InlineData("$ErrorActionPreference = 'Stop'; Get-Bogus", 1)]
    [InlineData("function f { exit 5 } f", 5)]
    [InlineData("try { exit 6 } finally { 1 }", 6)]
    [InlineData("param([int] $n) exit $n", 9, "-n", "9")]
    [InlineData("param([int] $n) 1", 1, "-n", "word")]
    [InlineData("if (", 1)]
    public void OfAScript(string script, int expected, params string[] arguments) =>
        Assert.Equal(expected, ShellProcess.Run(null, [Script(script), .. arguments]).Code);

    [Fact]
    public void OfAMissingScript()
    {
        var run = ShellProcess.Run(null, "/nonexistent/x.ps1");
        Assert.Equal(64, run.Code);
        Assert.Contains("/nonexistent/x.ps1", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void OfAnUnknownOption() => Assert.Equal(64, ShellProcess.Run(null, "-bogus").Code);

    [Theory]
    [InlineData("1\n", 0)]
    [InlineData("throw 1\n", 1)]
    [InlineData("1\nexit 4\n2\n", 4)]
    public void OfCommandsFromStandardInput(string commands, int expected) =>
        Assert.Equal(expected, ShellProcess.Run(commands).Code);

    private string Script(string text)
    {
        string path = Path.Combine(_folder.FullName, "it's a script.ps1");
        File.WriteAllText(path, text);
        return path;
    }
}
