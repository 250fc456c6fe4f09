using System.Management.Automation;
using StratoVirt.PowerShell.Tests.Hosting;

namespace StratoVirt.PowerShell.Tests.Commands;

public sealed class MeasureStratoVmTests : IDisposable
{
    private readonly ModuleSession _session = new();

    public void Dispose() => _session.Dispose();

    [Fact]
    public void A_running_machine_is_measured_with_rates()
    {
        StartWithEntropy();
        PSObject[] looks = _session.Get("Measure-StratoVm hello -Count 2 -IntervalSeconds 0.2");
        Assert.Equal(2, looks.Length);
        foreach (PSObject look in looks)
        {
            Assert.Equal("hello", look.Properties["Name"].Value);
            Assert.True((TimeSpan)look.Properties["Interval"].Value >= TimeSpan.FromSeconds(0.2));
            Assert.True((TimeSpan)look.Properties["Uptime"].Value > TimeSpan.Zero);
            Assert.True((double)look.Properties["ExitsPerSecond"].Value >= 0);
            Assert.Equal(16UL << 20, look.Properties["GuestMemory"].Value);
            Assert.InRange((ulong)look.Properties["GuestResident"].Value, 4096UL, 16UL << 20);
            Assert.True((ulong)look.Properties["ProcessResident"].Value > 1 << 20);
        }

        Assert.True(_session.Get<ulong>("(Measure-StratoVm hello -Count 0).VcpuExits[0].Pio") > 0);
        PSObject device = Assert.Single(_session.Get("(Measure-StratoVm hello -IntervalSeconds 0.1).Devices"));
        Assert.Equal("rng", device.Properties["Name"].Value);
        Assert.Equal("Idle", device.Properties["State"].Value.ToString());
        Assert.NotEmpty((IReadOnlyDictionary<string, object?>)device.Properties["Counters"].Value);
        Assert.NotEmpty((IReadOnlyDictionary<string, double>)device.Properties["PerSecond"].Value);
    }

    [Fact]
    public void One_look_has_no_rates()
    {
        StartWithEntropy();
        PSObject look = Assert.Single(_session.Get("Get-StratoVm hello | Measure-StratoVm -Count 0"));
        Assert.Null(look.Properties["ExitsPerSecond"].Value);
        Assert.Equal(TimeSpan.Zero, look.Properties["Interval"].Value);
        Assert.Equal(0, _session.Get<int>("(Measure-StratoVm hello -Count 0).Devices[0].PerSecond.Count"));
    }

    [Fact]
    public void Exits_are_counted_between_two_looks()
    {
        _session.StartHello();
        Assert.True(_session.Get<bool>("""
            $before = (Measure-StratoVm hello -Count 0).VcpuExits[0].Pio
            Send-StratoConsole hello 'anything'; Wait-StratoVm hello -ConsoleText 'you said: anything' -TimeoutSeconds 30
            (Measure-StratoVm hello -Count 0).VcpuExits[0].Pio -gt $before
            """));
    }

    [Fact]
    public void Machines_are_measured_together_and_those_that_do_not_run_are_errors()
    {
        _session.StartHello();
        _session.Get("New-StratoVm other -BuiltIn -Memory 32MB; New-StratoVm resting -BuiltIn; Start-StratoVm other");
        ScriptResult result = _session.Run("Measure-StratoVm * -IntervalSeconds 0.1 -Count 2");
        Assert.Equal("hello other hello other", string.Join(' ', result.Output.Select(look => look.Properties["Name"].Value)));
        ErrorRecord error = result.OnlyError("StratoVirt.NotRunning");
        Assert.Equal("resting", error.TargetObject.ToString());
    }

    [Fact]
    public async Task Following_ends_with_the_machine()
    {
        _session.StartHello();
        using var output = new PSDataCollection<PSObject>();
        using var first = new ManualResetEventSlim();
        output.DataAdded += (_, _) => first.Set();
        using System.Management.Automation.PowerShell following = _session.Begin("Measure-StratoVm hello -Follow -IntervalSeconds 0.1", out IAsyncResult running, output);
        Assert.True(first.Wait(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        using var second = new ModuleSession(_session);
        second.Get("Stop-StratoVm hello -TurnOff -Force");
        await Task.Factory.FromAsync(running, following.EndInvoke).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Empty(following.Streams.Error);
    }

    [Fact]
    public void Stopping_the_pipeline_ends_it()
    {
        _session.StartHello();
        using var output = new PSDataCollection<PSObject>();
        using System.Management.Automation.PowerShell following = _session.Begin("Measure-StratoVm hello -Follow -IntervalSeconds 3600", out IAsyncResult running, output);
        following.Stop();
        Assert.True(running.AsyncWaitHandle.WaitOne(TimeSpan.FromSeconds(30)));
    }

    private void StartWithEntropy() => _session.Get("""
        New-StratoVm hello -BuiltIn -Memory 16MB | Out-Null
        Add-StratoDevice hello -Entropy
        Start-StratoVm hello
        Wait-StratoVm hello -ConsoleText 'hello> $' -TimeoutSeconds 30
        """);
}
