using System.Management.Automation;
using StratoVirt.PowerShell.Tests.Hosting;

namespace StratoVirt.PowerShell.Tests.Commands.Devices;

/// <summary>Devices of a machine that runs. Its guest has no driver for any, so they stay idle and are never given back.</summary>
public sealed class RunningDeviceTests : IDisposable
{
    private readonly ModuleSession _session = new();

    public RunningDeviceTests()
    {
        foreach (string image in (string[])["a.img", "b.img"])
        {
            using FileStream file = File.Create(Path.Combine(_session.Directory, image));
            file.SetLength(4 << 20);
        }
    }

    public void Dispose() => _session.Dispose();

    [Fact]
    public void Devices_of_the_definition_are_there()
    {
        StartWith("-Disk a.img", "-Entropy", "-Balloon -StatisticsInterval 1", "-Vsock -Socket v.sock", "-Port", "-Port -File out.log", "-Memory -Maximum 64MB");
        PSObject[] devices = _session.Get("Get-StratoDevice hello");
        Assert.Equal(7, devices.Length);
        Assert.All(devices, device =>
        {
            Assert.Equal("Idle", device.Properties["State"].Value.ToString());
            Assert.Equal("mmio", device.Properties["Bus"].Value);
            Assert.NotEqual(string.Empty, (string)device.Properties["Address"].Value);
            Assert.Null(device.Properties["Fault"].Value);
            Assert.NotEmpty(LanguagePrimitives.ConvertTo<IReadOnlyDictionary<string, object?>>(device.Properties["Metrics"].Value));
        });
        Assert.Equal(0UL, _session.Get<ulong>("(Get-StratoDevice hello disk0).Metrics['Reads']"));
        _session.Get("Stop-StratoVm hello -TurnOff -Force");
        Assert.All(_session.Get("Get-StratoDevice hello"), device => Assert.Equal("Defined", device.Properties["State"].Value.ToString()));
    }

    [Fact]
    public void A_device_can_be_added_and_stays_defined()
    {
        _session.StartHello();
        PSObject disk = Assert.Single(_session.Get("Add-StratoDevice hello -Disk ./a.img -PassThru"));
        Assert.Equal("Idle", disk.Properties["State"].Value.ToString());
        Assert.Equal("pci", disk.Properties["Bus"].Value);
        Assert.Equal("disk0", _session.Get<string>("\"$((Get-StratoVm hello).Devices)\""));
        _session.Get("Restart-StratoVm hello -Force");
        Assert.Equal("Idle", _session.Get<string>("(Get-StratoDevice hello disk0).State"));
        _session.Get("Stop-StratoVm hello -TurnOff -Force; Start-StratoVm hello");
        Assert.Equal("mmio", _session.Get<string>("(Get-StratoDevice hello disk0).Bus"));
    }

    [Fact]
    public void A_device_of_the_definition_stays_as_long_as_the_machine()
    {
        StartWith("-Disk a.img");
        ErrorRecord error = _session.Run("Remove-StratoDevice hello disk0").OnlyError("StratoVirt.DeviceUnchangeable");
        Assert.Equal("hello/disk0", error.TargetObject.ToString());
        Assert.Equal("Idle", _session.Get<string>("(Get-StratoDevice hello disk0).State"));
        _session.Get("Stop-StratoVm hello -TurnOff -Force; Remove-StratoDevice hello disk0");
        Assert.Empty(_session.Get("Get-StratoDevice hello"));
    }

    [Fact]
    public void A_guest_that_gives_nothing_back_is_an_error_and_the_definition_keeps_the_device()
    {
        _session.StartHello();
        _session.Get("Add-StratoDevice hello -Disk ./a.img");
        ErrorRecord error = _session.Run("Remove-StratoDevice hello disk0 -TimeoutSeconds 1").OnlyError("StratoVirt.Timeout");
        Assert.Equal(ErrorCategory.OperationTimeout, error.CategoryInfo.Category);
        Assert.Equal("Leaving", _session.Get<string>("(Get-StratoDevice hello disk0).State"));
        Assert.Equal("disk0", _session.Get<string>("\"$((Get-StratoVm hello).Devices)\""));
    }

    [Fact]
    public void Nobody_has_to_wait_for_the_guest()
    {
        _session.StartHello();
        _session.Get("Add-StratoDevice hello -Disk ./a.img");
        ScriptResult result = _session.Run("Remove-StratoDevice hello disk0 -TimeoutSeconds 0");
        Assert.Empty(result.Errors);
        Assert.Contains("hello/disk0", Assert.Single(result.Warnings), StringComparison.Ordinal);
        Assert.Empty(_session.Get("(Get-StratoVm hello).Devices"));
        Assert.Equal("Leaving", _session.Get<string>("(Get-StratoDevice hello disk0).State"));

        // Its name is not free before it is gone.
        Assert.Equal("disk1", _session.Get<string>("(Add-StratoDevice hello -Disk ./b.img -PassThru).Name"));
        _session.Run("Add-StratoDevice hello -Disk ./b.img -Name disk0").OnlyError("StratoVirt.DeviceExists");

        // A reset takes out what the guest has been asked for.
        _session.Get("Restart-StratoVm hello -Force");
        Assert.Equal("hello/disk1", _session.Get<string>("\"$(Get-StratoDevice hello)\""));
    }

    [Fact]
    public void Ports_of_a_console_come_and_go_without_the_guest()
    {
        StartWith("-Port -Name first");
        _session.Get("Add-StratoDevice hello -Port -Name second; Remove-StratoDevice hello first -TimeoutSeconds 1");
        Assert.Equal("hello/second", _session.Get<string>("\"$(Get-StratoDevice hello)\""));
    }

    [Fact]
    public void Settings_change_at_once()
    {
        StartWith("-Disk a.img", "-Balloon", "-Memory -Maximum 64MB");
        Assert.Equal(4096UL << 10, _session.Get<ulong>("(Set-StratoDevice hello balloon -Size 4MB -PassThru).Metrics['TargetBytes']"));
        Assert.Equal(32UL << 20, _session.Get<ulong>("(Set-StratoDevice hello mem0 -Size 32MB -PassThru).Metrics['RequestedBytes']"));
        Assert.Equal(5, _session.Get<int>("(Set-StratoDevice hello disk0 -Operations 5 -PassThru).Settings['RateLimit']['Operations']"));
        ErrorRecord error = _session.Run("Set-StratoDevice hello disk0 -Path ./b.img").OnlyError("StratoVirt.DeviceUnchangeable");
        Assert.Equal("hello/disk0", error.TargetObject.ToString());
        Assert.EndsWith("a.img", _session.Get<string>("(Get-StratoDevice hello disk0).Backend"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "-Disk ./nosuch.img", "StratoVirt.DeviceMissing")]
    [InlineData("", "-Memory -Maximum 64MB", "StratoVirt.DeviceUnchangeable")]
    [InlineData("-NoAcpi", "-Disk ./a.img", "StratoVirt.HotPlugUnavailable")]
    public void What_cannot_be_added_is_one_error_and_changes_nothing(string machine, string device, string id)
    {
        _session.StartHello(machine);
        _session.Run($"Add-StratoDevice hello {device}").OnlyError(id);
        Assert.Empty(_session.Get("Get-StratoDevice hello"));
        Assert.Equal("Running", _session.Get<string>("(Get-StratoVm hello).State"));
    }

    // Another session holds the machine's definition for longer than anybody waits.
    [Fact]
    public void What_the_store_refuses_never_reaches_the_machine()
    {
        _session.StartHello();
        string path = Path.Combine(_session.Directory, "home", "locks", "hello");
        using (new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None))
        {
            _session.Run("Add-StratoDevice hello -Disk ./a.img").OnlyError("StratoVirt.Busy");
        }

        Assert.Empty(_session.Get("Get-StratoDevice hello"));
        Assert.Equal("Idle", _session.Get<string>("(Add-StratoDevice hello -Disk ./a.img -PassThru).State"));
    }

    [Fact]
    public void A_machine_whose_device_cannot_be_had_does_not_start()
    {
        _session.Get("New-StratoVm hello -BuiltIn -Memory 16MB; Add-StratoDevice hello -Disk ./nosuch.img");
        ErrorRecord error = _session.Run("Start-StratoVm hello").OnlyError("StratoVirt.DeviceMissing");
        Assert.Contains("nosuch.img", error.ToString(), StringComparison.Ordinal);
        Assert.Equal("Stopped", _session.Get<string>("(Get-StratoVm hello).State"));
    }

    private void StartWith(params string[] devices)
    {
        _session.Get("New-StratoVm hello -BuiltIn -Memory 16MB");
        foreach (string device in devices)
        {
            _session.Get($"Add-StratoDevice hello {device}");
        }

        _session.Get("Start-StratoVm hello; Wait-StratoVm hello -ConsoleText 'hello> $' -TimeoutSeconds 30");
    }
}
