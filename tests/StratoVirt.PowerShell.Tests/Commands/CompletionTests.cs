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
        Assert.Equal("web1", Complete("Enter-StratoConsole "));
        _session.Get("Suspend-StratoVm web1");
        Assert.Equal("web1", Complete("Resume-StratoVm "));
    }

    [Theory]
    [InlineData("Get-StratoDevice web1 ", "disk0 rng")]
    [InlineData("Get-StratoDevice -VM web1 -Name D", "disk0")]
    [InlineData("Remove-StratoDevice web1 r", "rng")]
    [InlineData("Set-StratoDevice web*,db ", "disk0 rng balloon")]
    [InlineData("Set-StratoDevice web2 ", "disk0")]
    public void Devices_complete_by_the_machines_typed(string line, string expected)
    {
        _session.Get("Add-StratoDevice web* -Disk a; Add-StratoDevice web1 -Entropy; Add-StratoDevice db -Balloon");
        Assert.Equal(expected.Split(' ').Order(), Complete(line, "* of *").Split(' ').Order());
    }

    [Fact]
    public void Machines_of_devices_complete()
    {
        Assert.Equal("web1 web2", Complete("Add-StratoDevice w"));
        Assert.Equal("db web1 web2", Complete("Get-StratoDevice "));
    }

    // Where nothing fits, PowerShell falls back to file names; only results of our completer have a tooltip of ours.
    private string Complete(string line, string tip = "*vCPU*") => string.Join(' ', _session.Get($$"""
        ([System.Management.Automation.CommandCompletion]::CompleteInput('{{line}}', {{line.Length}}, $null)).CompletionMatches |
            Where-Object { $_.ToolTip -like '{{tip}}' } | ForEach-Object CompletionText
        """));
}
