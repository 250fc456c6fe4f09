using System.Management.Automation;
using StratoVirt.PowerShell.Tests.Hosting;

namespace StratoVirt.PowerShell.Tests.Commands.Devices;

public sealed class SetStratoDeviceTests : IDisposable
{
    private readonly ModuleSession _session = new();

    public SetStratoDeviceTests() => _session.Get("""
        New-StratoVm web -BuiltIn -Memory 64MB | Out-Null
        Add-StratoDevice web -Disk a.img -Operations 100 -OperationsBurst 10
        Add-StratoDevice web -Disk b.img
        Add-StratoDevice web -Network -User
        Add-StratoDevice web -Memory -Maximum 64MB
        Add-StratoDevice web -Balloon
        Add-StratoDevice web -Entropy
        """);

    public void Dispose() => _session.Dispose();

    [Theory]
    [InlineData("disk0 -Path ./other.img", "['Path']", "{0}/other.img")]
    [InlineData("disk0 -Bandwidth 10MB", "['RateLimit']['Bandwidth']", "10485760")]
    [InlineData("disk0 -Bandwidth 10MB", "['RateLimit']['Operations']", "100")]
    [InlineData("disk0 -Operations 5", "['RateLimit']['OperationsBurst']", "10")]
    [InlineData("disk0 -OperationsBurst 5", "['RateLimit']['OperationsBurst']", "5")]
    [InlineData("disk0 -Operations 0", "['RateLimit']", "")]
    [InlineData("rng -Operations 7", "['RateLimit']['Operations']", "7")]
    [InlineData("net0 -Operations 7", "['SendLimit']['Operations']", "7")]
    [InlineData("net0 -Operations 7", "['ReceiveLimit']['Operations']", "7")]
    [InlineData("net0 -LinkUp $false", "['LinkUp']", "False")]
    [InlineData("mem0 -Size 32MB", "['Size']", "33554432")]
    [InlineData("balloon -Size '16MiB'", "['Size']", "16777216")]
    [InlineData("balloon -StatisticsInterval 2", "['StatisticsInterval']", "2")]
    public void Each_setting_changes(string arguments, string setting, string expected)
    {
        expected = expected.Replace("{0}", _session.Directory, StringComparison.Ordinal);
        Assert.Equal(expected, _session.Get<string>($"\"$((Set-StratoDevice web {arguments} -PassThru).Settings{setting})\""));
        Assert.Equal(expected, _session.Get<string>($"\"$((Get-StratoDevice web {arguments.Split(' ')[0]}).Settings{setting})\""));
    }

    [Fact]
    public void Devices_come_as_patterns_and_through_the_pipeline()
    {
        _session.Get("Set-StratoDevice web disk*, rng -Bandwidth 1MB; Get-StratoDevice web -Kind Disk | Set-StratoDevice -Operations 9");
        Assert.Equal("1048576:9 1048576:9", _session.Get<string>(
            "\"$((Get-StratoDevice web disk*).Settings | ForEach-Object { \"$($_['RateLimit']['Bandwidth']):$($_['RateLimit']['Operations'])\" })\""));
        Assert.Equal(1048576, _session.Get<int>("(Get-StratoDevice web rng).Settings['RateLimit']['Bandwidth']"));
    }

    [Fact]
    public void What_the_pipeline_holds_may_be_older_than_what_is_stored()
    {
        _session.Get("$old = Get-StratoDevice web disk1; Set-StratoDevice web disk1 -Path c.img; $old | Set-StratoDevice -Operations 3");
        Assert.Equal(Path.Combine(_session.Directory, "c.img"), _session.Get<string>("(Get-StratoDevice web disk1).Backend"));
        _session.Run("$old = Get-StratoDevice web disk1; Remove-StratoDevice web disk1; $old | Set-StratoDevice -Operations 4").OnlyError("StratoVirt.NoSuchDevice");
    }

    [Fact]
    public void WhatIf_changes_nothing_and_without_PassThru_nothing_is_emitted()
    {
        Assert.Empty(_session.Get("Set-StratoDevice web net0 -LinkUp $false -WhatIf -PassThru"));
        Assert.True(_session.Get<bool>("(Get-StratoDevice web net0).Settings['LinkUp']"));
        Assert.Empty(_session.Get("Set-StratoDevice web net0 -LinkUp $false"));
    }

    [Theory]
    [InlineData("disk0 -Size 1MB", "StratoVirt.SettingUnfit")]
    [InlineData("disk0 -LinkUp $true", "StratoVirt.SettingUnfit")]
    [InlineData("net0 -Path x", "StratoVirt.SettingUnfit")]
    [InlineData("net0 -StatisticsInterval 1", "StratoVirt.SettingUnfit")]
    [InlineData("balloon -Bandwidth 1MB", "StratoVirt.SettingUnfit")]
    [InlineData("disk1 -BandwidthBurst 1MB", "StratoVirt.SettingUnfit")]
    [InlineData("mem0 -Size 3MB", "StratoVirt.NotAligned")]
    [InlineData("mem0 -Size 66MB", "StratoVirt.OutOfRange")]
    [InlineData("balloon -Size 64MB", "StratoVirt.OutOfRange")]
    public void What_cannot_be_is_one_error_and_changes_nothing(string arguments, string id)
    {
        string before = _session.Get<string>("Export-StratoVm web");
        ErrorRecord error = _session.Run($"Set-StratoDevice web {arguments}").OnlyError(id);
        Assert.Equal($"web/{arguments.Split(' ')[0]}", error.TargetObject.ToString());
        Assert.Equal(before, _session.Get<string>("Export-StratoVm web"));
    }

    [Fact]
    public void One_that_cannot_change_does_not_keep_the_others()
    {
        _session.Run("Set-StratoDevice web * -LinkUp $false -ErrorVariable wrong -ErrorAction SilentlyContinue");
        Assert.False(_session.Get<bool>("(Get-StratoDevice web net0).Settings['LinkUp']"));
        _session.Run("Set-StratoDevice web nosuch -LinkUp $false").OnlyError("StratoVirt.NoSuchDevice");
    }
}
