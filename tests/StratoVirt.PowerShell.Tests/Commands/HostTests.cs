using System.Management.Automation;
using StratoVirt.PowerShell.Tests.Hosting;

namespace StratoVirt.PowerShell.Tests.Commands;

public sealed class HostTests : IDisposable
{
    private readonly ModuleSession _session = new();

    public void Dispose() => _session.Dispose();

    [Fact]
    public void The_host_is_described()
    {
        PSObject host = Assert.Single(_session.Get("Get-StratoHost"));
        Assert.Equal(Environment.ProcessorCount, host.Properties["Processors"].Value);
        Assert.True((ulong)host.Properties["TotalMemory"].Value >= (ulong)host.Properties["AvailableMemory"].Value);
        Assert.Equal(Path.Combine(_session.Directory, "home"), host.Properties["Home"].Value);
        Assert.NotEqual(string.Empty, host.Properties["Meaning"].Value);
        Assert.InRange((int)host.Properties["MaxCpus"].Value, 0, 254);
    }

    [Fact]
    public void The_test_boots_the_built_in_guest()
    {
        PSObject test = Assert.Single(_session.Get("Test-StratoHost"));
        Assert.Equal(_session.Get<bool>("Test-StratoHost -Quiet"), test.Properties["Passed"].Value);
        Assert.Equal(
            ["KVM", "Capabilities", "Stock kernels", "Built-in guest"],
            _session.Get("(Test-StratoHost).Checks.Name").Select(name => name.ToString()));
        Assert.Equal(_session.Get<int>("(Get-StratoHost).KvmApiVersion") == 12, test.Properties["Passed"].Value);
        Assert.Empty(_session.Get("Get-StratoVm"));
    }
}
