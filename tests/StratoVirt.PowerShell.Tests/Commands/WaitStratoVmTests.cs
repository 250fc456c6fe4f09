using System.Management.Automation;
using StratoVirt.PowerShell.Tests.Hosting;

namespace StratoVirt.PowerShell.Tests.Commands;

public sealed class WaitStratoVmTests : IDisposable
{
    private readonly ModuleSession _session = new();

    public void Dispose() => _session.Dispose();

    [Fact]
    public void A_time_that_passes_is_a_typed_error()
    {
        _session.StartHello();
        ErrorRecord error = _session.Run("Wait-StratoVm hello -State Paused -TimeoutSeconds 0").OnlyError("StratoVirt.Timeout");
        Assert.Equal(ErrorCategory.OperationTimeout, error.CategoryInfo.Category);
        Assert.Equal("StratoVirt.PowerShell.StratoVirtException", error.Exception.GetType().FullName);
        _session.Run("Wait-StratoVm hello -ConsoleText 'never printed' -TimeoutSeconds 0").OnlyError("StratoVirt.Timeout");
        _session.Run("Wait-StratoVm hello -BootMark 99 -TimeoutSeconds 0").OnlyError("StratoVirt.Timeout");
    }

    [Fact]
    public void Text_is_matched_behind_what_was_typed_last()
    {
        _session.StartHello();
        _session.Get("Send-StratoConsole hello 'first'; Wait-StratoVm hello -ConsoleText 'you said: first' -TimeoutSeconds 30");
        _session.Get("Send-StratoConsole hello 'second'; Wait-StratoVm hello -ConsoleText 'you said: second' -TimeoutSeconds 30");
        _session.Run("Wait-StratoVm hello -ConsoleText 'you said: first' -TimeoutSeconds 0").OnlyError("StratoVirt.Timeout");
    }

    [Fact]
    public void Text_can_be_taken_as_it_is()
    {
        _session.StartHello();
        _session.Get("Send-StratoConsole hello 'a.*[b'; Wait-StratoVm hello -ConsoleText 'you said: a.*[b' -SimpleMatch -TimeoutSeconds 30");
        _session.Run("Wait-StratoVm hello -ConsoleText 'a.*[b'").OnlyError("StratoVirt.PatternInvalid");
    }

    [Fact]
    public void Waiting_ends_when_the_guest_does()
    {
        _session.StartHello();
        _session.Get("Send-StratoConsole hello poweroff");
        ErrorRecord error = _session.Run("Wait-StratoVm hello -ConsoleText 'never printed' -TimeoutSeconds 60").OnlyError("StratoVirt.EndedWhileWaiting");
        Assert.Contains("guest-shutdown", error.ToString(), StringComparison.Ordinal);
        _session.Get("Wait-StratoVm hello -ConsoleText 'goodbye'");
    }

    [Fact]
    public void Waiting_ends_when_the_guest_faults()
    {
        _session.StartHello();
        _session.Get("Send-StratoConsole hello fault");
        ErrorRecord error = _session.Run("Wait-StratoVm hello -ConsoleText 'never printed' -TimeoutSeconds 60").OnlyError("StratoVirt.EndedWhileWaiting");
        Assert.Contains("fault", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Only_one_thing_can_be_waited_for()
    {
        _session.Get("New-StratoVm vm -BuiltIn");
        _session.Run("Wait-StratoVm vm -BootMark 1 -State Running").OnlyError("StratoVirt.OneCondition");
    }

    [Fact]
    public void Stopping_the_pipeline_ends_a_wait()
    {
        _session.StartHello();
        using var output = new PSDataCollection<PSObject>();
        using System.Management.Automation.PowerShell waiting = _session.Begin("Wait-StratoVm hello -State Paused", out IAsyncResult running, output);
        SpinWait.SpinUntil(() => _session.Host.Screen.Progress.Any(shown => shown.Contains("Paused", StringComparison.Ordinal)), TimeSpan.FromSeconds(30));
        waiting.Stop();
        Assert.Throws<PipelineStoppedException>(() => waiting.EndInvoke(running));
        Assert.Equal("Running", _session.Get<string>("(Get-StratoVm hello).State"));
    }
}
