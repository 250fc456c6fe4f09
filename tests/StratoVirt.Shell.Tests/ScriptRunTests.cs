namespace StratoVirt.Shell.Tests;

public sealed class ScriptRunTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("stratovirt-shell");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void ParametersBindAndTheScriptKnowsItsPath()
    {
        string path = Script("""
            param([string[]] $Task, [switch] $Quiet, [int] $N, [Parameter(ValueFromRemainingArguments)] $Rest)
            "$Task|$Quiet|$N|$Rest|$PSCommandPath|$PSScriptRoot|$($MyInvocation.MyCommand.Path)"
            """);
        var run = ShellProcess.Run(null, path, "-Task", "Test", "-Quiet", "-N:5", "a b", "c");
        Assert.Equal($"Test|True|5|a b c|{path}|{_folder.FullName}|{path}\n", run.Output);
    }

    [Fact]
    public void ErrorsNameFileAndLineOnTheErrorStream()
    {
        string path = Script("'before'\nthrow 'broken'");
        var run = ShellProcess.Run(null, path);
        Assert.Equal("before\n", run.Output);
        Assert.Contains($"{path}:2", run.Error, StringComparison.Ordinal);
        Assert.Contains("broken", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', run.Error);
    }

    [Fact]
    public void SyntaxErrorsArePlacedWithoutRunningAnything()
    {
        string path = Script("'before'\nif (1) { 'x'");
        var run = ShellProcess.Run(null, path);
        Assert.Empty(run.Output);
        Assert.Contains($"{path}:2", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void StandardInputIsTheScriptsInput()
    {
        Assert.Equal("<a>\n<b>\n", ShellProcess.Run("a\nb\n", "-c", "$input | ForEach-Object { \"<$_>\" }").Output);
        Assert.Equal("[a]\n[b]\n", ShellProcess.Run("a\nb\n",
            Script("param([Parameter(ValueFromPipeline)] $x) process { \"[$x]\" }")).Output);
    }

    [Fact]
    public void AScriptThatDoesNotReadItLeavesItToItsPrograms() =>
        Assert.Equal("first\na\nb\n", ShellProcess.Run("a\nb\n", "-c", "'first'; /bin/cat").Output);

    [Fact]
    public void ObjectsAreShownByTheEnginesViews()
    {
        string output = ShellProcess.Run(null, "-c", "[pscustomobject] @{ Name = 'vm1'; State = 'running' }").Output;
        Assert.Matches("Name +State\n-+ +-+\nvm1 +running\n", output);
    }

    [Fact]
    public void HelpWorks() => Assert.Contains("SYNTAX",
        ShellProcess.Run(null, "-c", "Get-Help Get-Module").Output, StringComparison.Ordinal);

    [Fact]
    public void LongTextBreaksBetweenWords() =>
        // 120 cells end inside this one.
        Assert.Contains("[-PSEdition <string>]", ShellProcess.Run(null, "-c", "Get-Help Get-Module").Output,
            StringComparison.Ordinal);

    [Fact]
    public void TheNativeLibraryOfTheEngineLoads() =>
        // The file system provider asks it for the kind of every item.
        Assert.Equal("True\n", ShellProcess.Run(null, "-c",
            "$ExecutionContext.InvokeProvider.Item.Exists('/etc/passwd')").Output);

    [Fact]
    public void AQuestionNobodyAnswersIsNeverTakenForYes()
    {
        const string ask = "& { [CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'High')] param() "
            + "if ($PSCmdlet.ShouldProcess('disk')) { 'done it' } }";
        var ended = ShellProcess.Run(null, "-c", ask);
        Assert.DoesNotContain("done it", ended.Output, StringComparison.Ordinal);
        Assert.Contains("nothing was chosen", ended.Error, StringComparison.Ordinal);
        var nonInteractive = ShellProcess.Run("y\n", "-NonInteractive", "-c", ask);
        Assert.DoesNotContain("done it", nonInteractive.Output, StringComparison.Ordinal);
        Assert.Contains("done it", ShellProcess.Run("bogus\ny\n", "-c", ask).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void MissingParametersAreAskedForUntilTheyFit() => Assert.EndsWith("n=5\n",
        ShellProcess.Run("word\n5\n", "-c", "& { param([Parameter(Mandatory)] [int] $n) \"n=$n\" }").Output,
        StringComparison.Ordinal);

    [Fact]
    public void ACommandOfTheFullPowerShellGetsAHint() => Assert.Contains("PowerShell 7.6 on PATH",
        ShellProcess.Run(null, "-c", "Write-Host hello").Error, StringComparison.Ordinal);

    [Fact]
    public void WarningsGoToTheOutputAsInPwsh() => Assert.Equal("WARNING: careful\n",
        ShellProcess.Run(null, "-c", "$Host.UI.WriteWarningLine('careful')").Output);

    private string Script(string text)
    {
        string path = Path.Combine(_folder.FullName, "script.ps1");
        File.WriteAllText(path, text);
        return path;
    }
}
