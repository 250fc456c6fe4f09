using StratoVirt.PowerShell.Tests.Hosting;

namespace StratoVirt.PowerShell.Tests.Commands;

public sealed class CompletionTests : IDisposable
{
    private readonly ModuleSession _session = new();

    public CompletionTests() => _session.Get("'web1', 'web2', 'db' | ForEach-Object { New-StratoVm $_ -BuiltIn -Memory 16MB }");

    public void Dispose() => _session.Dispose();

    [Theory]
    [InlineData("Get-StratoVm ", "db web1 web2")]
    [InlineData("Get-StratoVm we", "web1 web2")]
    [InlineData("Remove-StratoVm -Name d", "db")]
    [InlineData("Start-StratoVm w", "web1 web2")]
    [InlineData("Stop-StratoVm ", "")]
    public void Names_complete(string line, string expected) => Assert.Equal(expected, Complete(line));

    [Fact]
    public void Names_complete_by_what_the_cmdlet_can_do_with_them()
    {
        _session.Get("Start-StratoVm web1");
        Assert.Equal("db web2", Complete("Start-StratoVm "));
        Assert.Equal("web1", Complete("Stop-StratoVm "));
        Assert.Equal("web1", Complete("Suspend-StratoVm "));
        Assert.Equal("web1", Complete("Send-StratoConsole "));
        _session.Get("Suspend-StratoVm web1");
        Assert.Equal("web1", Complete("Resume-StratoVm "));
    }

    // Where nothing fits, PowerShell falls back to file names; only results of our completer have a tooltip of ours.
    private string Complete(string line) => string.Join(' ', _session.Get($$"""
        ([System.Management.Automation.CommandCompletion]::CompleteInput('{{line}}', {{line.Length}}, $null)).CompletionMatches |
            Where-Object { $_.ToolTip -like '*vCPU*' } | ForEach-Object CompletionText
        """));
}
