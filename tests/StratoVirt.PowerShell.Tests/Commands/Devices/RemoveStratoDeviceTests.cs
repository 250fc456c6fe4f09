using StratoVirt.PowerShell.Tests.Hosting;

namespace StratoVirt.PowerShell.Tests.Commands.Devices;

public sealed class RemoveStratoDeviceTests : IDisposable
{
    private readonly ModuleSession _session = new();

    public RemoveStratoDeviceTests() => _session.Get("""
        'web', 'db' | ForEach-Object { New-StratoVm $_ -BuiltIn | Out-Null }
        Add-StratoDevice web, db -Disk a.img
        Add-StratoDevice web -Disk b.img
        Add-StratoDevice web, db -Vsock
        """);

    public void Dispose() => _session.Dispose();

    [Theory]
    [InlineData("Remove-StratoDevice web disk0", "db/disk0 db/vsock web/disk1 web/vsock")]
    [InlineData("Remove-StratoDevice web disk*", "db/disk0 db/vsock web/vsock")]
    [InlineData("Remove-StratoDevice * DISK0, vsock -Confirm:$false", "web/disk1")]
    [InlineData("Get-StratoDevice web disk* | Remove-StratoDevice -Confirm:$false", "db/disk0 db/vsock web/vsock")]
    [InlineData("Get-StratoDevice -Kind Vsock | Remove-StratoDevice", "db/disk0 web/disk0 web/disk1")]
    [InlineData("Remove-StratoDevice -VM web -Name nothing*", "db/disk0 db/vsock web/disk0 web/disk1 web/vsock")]
    [InlineData("Remove-StratoDevice web disk0 -WhatIf", "db/disk0 db/vsock web/disk0 web/disk1 web/vsock")]
    public void Names_patterns_and_the_pipeline_choose(string script, string left)
    {
        Assert.Empty(_session.Get(script));
        Assert.Equal(left, _session.Get<string>("\"$(Get-StratoDevice)\""));
    }

    [Fact]
    public void Asked_to_confirm_it_asks()
    {
        _session.Get("Remove-StratoDevice web disk0 -Confirm");
        Assert.Contains(_session.Host.Screen.Questions, text => text.Contains("web/disk0", StringComparison.Ordinal));
        Assert.Equal(3, _session.Get("Get-StratoDevice web").Length);
    }

    [Fact]
    public void A_device_that_is_not_there_is_an_error() =>
        _session.Run("Remove-StratoDevice web disk9").OnlyError("StratoVirt.NoSuchDevice");
}
