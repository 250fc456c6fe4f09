using System.Management.Automation;
using StratoVirt.PowerShell.Tests.Hosting;

namespace StratoVirt.PowerShell.Tests.Commands.Devices;

public sealed class GetStratoDeviceTests : IDisposable
{
    private readonly ModuleSession _session = new();

    public GetStratoDeviceTests() => _session.Get("""
        'web', 'db', 'bare' | ForEach-Object { New-StratoVm $_ -BuiltIn | Out-Null }
        Add-StratoDevice web, db -Disk a.img
        Add-StratoDevice web -Disk b.img
        Add-StratoDevice web -Entropy
        """);

    public void Dispose() => _session.Dispose();

    [Theory]
    [InlineData("", "db/disk0 web/disk0 web/disk1 web/rng")]
    [InlineData("web", "web/disk0 web/disk1 web/rng")]
    [InlineData("WEB disk*", "web/disk0 web/disk1")]
    [InlineData("web DISK1, disk*", "web/disk1 web/disk0")]
    [InlineData("* disk0", "db/disk0 web/disk0")]
    [InlineData("-Name *0", "db/disk0 web/disk0")]
    [InlineData("-Kind Entropy", "web/rng")]
    [InlineData("web -Kind Disk, Network", "web/disk0 web/disk1")]
    [InlineData("web nothing*", "")]
    [InlineData("bare", "")]
    public void Names_patterns_and_kinds_choose(string arguments, string expected) =>
        Assert.Equal(expected, string.Join(' ', _session.Run($"Get-StratoDevice {arguments}").Output.Select(device => device.ToString())));

    [Fact]
    public void Machines_come_through_the_pipeline() =>
        Assert.Equal(4, _session.Get("Get-StratoVm | Get-StratoDevice").Length);

    [Fact]
    public void A_name_that_is_not_there_is_an_error_that_says_what_is()
    {
        ErrorRecord error = _session.Run("Get-StratoDevice web eth0").OnlyError("StratoVirt.NoSuchDevice");
        Assert.Equal(ErrorCategory.ObjectNotFound, error.CategoryInfo.Category);
        Assert.Equal("web", error.TargetObject.ToString());
        Assert.Contains("disk0, disk1, rng", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Contains("Add-StratoDevice bare", _session.Run("Get-StratoDevice bare x").OnlyError("StratoVirt.NoSuchDevice").ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        _session.Run("Get-StratoDevice wbe").OnlyError("StratoVirt.NotFound");
    }

    [Fact]
    public void Devices_of_a_machine_at_rest_have_settings_and_nothing_else()
    {
        PSObject disk = Assert.Single(_session.Get("Get-StratoDevice web disk1"));
        Assert.Equal("Defined", disk.Properties["State"].Value.ToString());
        Assert.Equal("web", disk.Properties["VMName"].Value);
        Assert.Equal(Path.Combine(_session.Directory, "b.img"), disk.Properties["Backend"].Value);
        Assert.All(["Bus", "Address", "Fault"], property => Assert.Null(disk.Properties[property].Value));
        Assert.Equal(0, _session.Get<int>("(Get-StratoDevice web disk1).Metrics.Count"));
    }
}
