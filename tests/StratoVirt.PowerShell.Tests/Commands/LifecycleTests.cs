using System.Management.Automation;
using StratoVirt.PowerShell.Tests.Hosting;

namespace StratoVirt.PowerShell.Tests.Commands;

/// <summary>The built-in guest through its whole life, driven by cmdlets.</summary>
public sealed class LifecycleTests : IDisposable
{
    private readonly ModuleSession _session = new();

    public void Dispose() => _session.Dispose();

    [Fact]
    public void Runs_from_start_to_the_guests_own_end()
    {
        _session.StartHello();
        PSObject vm = Assert.Single(_session.Get("Get-StratoVm hello"));
        Assert.Equal("Running", Text(vm, "State"));
        Assert.Equal("running", Text(vm, "Status"));
        Assert.Equal(Environment.ProcessId, vm.Properties["ProcessId"].Value);
        Assert.True((TimeSpan)vm.Properties["Uptime"].Value > TimeSpan.Zero);
        Assert.Null(vm.Properties["Cause"].Value);

        _session.Get("Send-StratoConsole hello poweroff; Wait-StratoVm hello -TimeoutSeconds 30");

        // The object looks at each property when it is read.
        Assert.Equal("Stopped", Text(vm, "State"));
        Assert.Equal("shutdown", Text(vm, "Status"));
        Assert.Equal("guest-shutdown", Text(vm, "Cause"));
        Assert.Null(vm.Properties["Uptime"].Value);
        Assert.Null(vm.Properties["ProcessId"].Value);
    }

    [Fact]
    public void Starts_again_after_its_end()
    {
        _session.StartHello();
        _session.Get("Stop-StratoVm hello -TurnOff -Force; Start-StratoVm hello; Wait-StratoVm hello -ConsoleText 'hello> $' -TimeoutSeconds 30");
        Assert.Equal("Running", _session.Get<string>("(Get-StratoVm hello).State"));
    }

    [Fact]
    public void Suspends_and_resumes()
    {
        _session.StartHello();
        Assert.Equal("Paused", _session.Get<string>("(Suspend-StratoVm hello -PassThru).State"));
        _session.Run("Start-StratoVm hello").OnlyError("StratoVirt.AlreadyRunning");
        Assert.Equal("Running", _session.Get<string>("(Resume-StratoVm hello -PassThru).State"));
        _session.Get("Send-StratoConsole hello 'still there'; Wait-StratoVm hello -ConsoleText 'you said: still there' -TimeoutSeconds 30");
    }

    [Fact]
    public void Force_restarts_by_a_reset()
    {
        _session.StartHello();
        _session.Get("Restart-StratoVm hello -Force; Wait-StratoVm hello -ConsoleText '(?s)hello>.*hello> $' -TimeoutSeconds 30");
        Assert.Equal(1, _session.Get<int>("(Get-StratoVm hello).Resets"));
    }

    [Fact]
    public void A_reboot_from_inside_is_counted()
    {
        _session.StartHello();
        _session.Get("Send-StratoConsole hello reboot; Wait-StratoVm hello -ConsoleText 'hello from(?s:.*)hello> $' -TimeoutSeconds 30");
        Assert.Equal(1, _session.Get<int>("(Get-StratoVm hello).Resets"));
        Assert.Equal("Running", _session.Get<string>("(Get-StratoVm hello).State"));
    }

    [Fact]
    public void A_guest_that_hangs_is_stopped_in_the_time_given()
    {
        _session.StartHello();
        _session.Get("Send-StratoConsole hello spin; Wait-StratoVm hello -ConsoleText spinning -TimeoutSeconds 30");
        ErrorRecord error = _session.Run("Stop-StratoVm hello -TimeoutSeconds 1").OnlyError("StratoVirt.Timeout");
        Assert.Equal(ErrorCategory.OperationTimeout, error.CategoryInfo.Category);
        Assert.Equal("Running", _session.Get<string>("(Get-StratoVm hello).State"));

        Assert.Equal("Stopped", _session.Get<string>("(Stop-StratoVm hello -TimeoutSeconds 1 -Force -PassThru).State"));
        Assert.Equal("host-qmp-quit", _session.Get<string>("(Get-StratoVm hello).Cause"));
        Assert.Contains(_session.Host.Screen.Progress, shown => shown.Contains("hello", StringComparison.Ordinal));
    }

    [Fact]
    public void A_fault_becomes_a_state_with_a_readable_cause()
    {
        _session.StartHello();
        _session.Get("Send-StratoConsole hello fault; Wait-StratoVm hello -State InternalError -TimeoutSeconds 30");
        string report = _session.Get<string>("(Get-StratoVm hello).Fault.ToString()");
        Assert.Contains("vCPU 0", report, StringComparison.Ordinal);
        Assert.Contains("rip", report, StringComparison.OrdinalIgnoreCase);
        Assert.Equal("internal-error", _session.Get<string>("(Get-StratoVm hello).Status"));
        Assert.Equal("Stopped", _session.Get<string>("(Stop-StratoVm hello -PassThru).State"));
    }

    [Fact]
    public void Turning_off_asks_and_shutting_down_does_not()
    {
        _session.StartHello();
        _session.Get("Stop-StratoVm hello -TurnOff");
        Assert.Single(_session.Host.Screen.Questions);
        Assert.Equal("Running", _session.Get<string>("(Get-StratoVm hello).State"));

        _session.Get("Stop-StratoVm hello -TurnOff -Confirm:$false");
        Assert.Single(_session.Host.Screen.Questions);
        Assert.Equal("Stopped", _session.Get<string>("(Get-StratoVm hello).State"));
    }

    [Theory]
    [InlineData("Stop-StratoVm hello -TurnOff -Force")]
    [InlineData("Suspend-StratoVm hello")]
    [InlineData("Restart-StratoVm hello -Force")]
    public void WhatIf_leaves_it_running(string command)
    {
        _session.StartHello();
        _session.Get(command + " -WhatIf");
        Assert.Equal("Running", _session.Get<string>("(Get-StratoVm hello).State"));
        Assert.Equal(0, _session.Get<int>("(Get-StratoVm hello).Resets"));
    }

    [Theory]
    [InlineData("Suspend-StratoVm vm")]
    [InlineData("Resume-StratoVm vm")]
    [InlineData("Restart-StratoVm vm")]
    [InlineData("Send-StratoConsole vm x")]
    [InlineData("Receive-StratoConsole vm")]
    [InlineData("Receive-StratoConsole vm -Follow")]
    [InlineData("Wait-StratoVm vm -ConsoleText x")]
    [InlineData("Wait-StratoVm vm -BootMark 1")]
    public void What_needs_a_guest_is_an_error_without_one(string command)
    {
        _session.Get("New-StratoVm vm -BuiltIn");
        ErrorRecord error = _session.Run(command).OnlyError("StratoVirt.NotRunning");
        Assert.Contains("Start-StratoVm vm", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public void Stopping_what_is_stopped_only_warns()
    {
        _session.Get("New-StratoVm vm -BuiltIn");
        ScriptResult result = _session.Run("Stop-StratoVm vm -PassThru");
        Assert.Empty(result.Errors);
        Assert.Single(result.Warnings);
        Assert.Single(result.Output);
    }

    [Fact]
    public void Resuming_what_runs_and_suspending_what_is_suspended_only_warn()
    {
        _session.StartHello();
        Assert.Single(_session.Run("Resume-StratoVm hello").Warnings);
        _session.Get("Suspend-StratoVm hello");
        ScriptResult again = _session.Run("Suspend-StratoVm hello -PassThru");
        Assert.Single(again.Warnings);
        Assert.Empty(again.Errors);
        Assert.Equal("Paused", Assert.Single(again.Output).Properties["State"].Value.ToString());
    }

    [Fact]
    public void A_suspended_guest_is_not_asked_to_shut_down()
    {
        _session.StartHello();
        _session.Get("Suspend-StratoVm hello");
        _session.Run("Stop-StratoVm hello").OnlyError("StratoVirt.InvalidState");
        Assert.Equal("Stopped", _session.Get<string>("(Stop-StratoVm hello -Force -PassThru).State"));
    }

    [Fact]
    public void The_pipeline_drives_many()
    {
        _session.Get("1..4 | ForEach-Object { New-StratoVm \"vm$_\" -BuiltIn -Memory 16MiB } | Start-StratoVm");
        Assert.Equal(4, _session.Get("Get-StratoVm -State Running | Wait-StratoVm -ConsoleText 'hello> $' -TimeoutSeconds 60 -PassThru").Length);
        _session.Get("'poweroff' | Send-StratoConsole vm*; Get-StratoVm | Wait-StratoVm -State Stopped -TimeoutSeconds 60");
        Assert.Equal(["guest-shutdown"], _session.Get("(Get-StratoVm).Cause").Select(cause => cause.ToString()).Distinct());
    }

    [Fact]
    public void Boot_marks_and_exits_can_be_read()
    {
        _session.StartHello();
        _session.Get("Wait-StratoVm hello -BootMark 2 -TimeoutSeconds 30");
        Assert.Equal("1 2", _session.Get<string>("\"$((Get-StratoVm hello).BootMarks.Code)\""));
        Assert.True(_session.Get<ulong>("(Get-StratoVm hello).VcpuExits[0].Pio") > 0);
        Assert.Matches(@"^1 at [\d.]+ ms$", _session.Get<string>("\"$((Get-StratoVm hello).BootMarks[0])\""));
        Assert.Matches(@"^vCPU 0: pio \d+, mmio 0, ", _session.Get<string>("\"$((Get-StratoVm hello).VcpuExits[0])\""));
    }

    private static string Text(PSObject vm, string property) => vm.Properties[property].Value.ToString()!;
}
