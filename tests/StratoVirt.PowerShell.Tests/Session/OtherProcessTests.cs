using System.Diagnostics;
using System.Management.Automation;
using StratoVirt.PowerShell.Tests.Hosting;

namespace StratoVirt.PowerShell.Tests.Session;

/// <summary>
/// A machine that another process runs, as far as this one can tell: its lock is held (by flock(1)), and a log is there.
/// Who holds it says so a moment later, for which everybody who looks waits; only one test here has one who never does.
/// </summary>
public sealed class OtherProcessTests : IDisposable
{
    private readonly ModuleSession _session = new();
    private readonly Process _holder;

    public OtherProcessTests()
    {
        _session.Get("New-StratoVm other -BuiltIn; Add-StratoDevice other -Entropy");
        const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        Directory.CreateDirectory(Path.Combine(_session.Directory, "run"), OwnerOnly);
        Directory.CreateDirectory(RuntimeDirectory, OwnerOnly);
        File.WriteAllText(Path.Combine(RuntimeDirectory, "console.log"), "one\r\ntwo\r\nprompt> ");
        _holder = Process.Start(new ProcessStartInfo("flock", ["-x", "-o", Path.Combine(RuntimeDirectory, "lock"), "-c", "echo held; read line"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        Assert.Equal("held", _holder.StandardOutput.ReadLine());
    }

    private string RuntimeDirectory => Path.Combine(_session.Directory, "run", "other");

    public void Dispose()
    {
        _holder.StandardInput.Close();
        _holder.WaitForExit();
        _holder.Dispose();
        _session.Dispose();
    }

    [Fact]
    public void It_is_shown_as_running()
    {
        SayWhoHoldsIt();
        Assert.Equal("Running", _session.Get<string>("(Get-StratoVm other).State"));
        Assert.Equal(_holder.Id, _session.Get("Get-StratoVm other")[0].Properties["ProcessId"].Value);
    }

    [Fact]
    public void It_is_shown_as_running_whoever_runs_it()
    {
        Assert.Equal("Running", _session.Get<string>("(Get-StratoVm other).State"));
        Assert.Single(_session.Get("Get-StratoVm -State Running"));
        Assert.Null(_session.Get("Get-StratoVm other")[0].Properties["ProcessId"].Value);
    }

    [Theory]
    [InlineData("Stop-StratoVm other", "StratoVirt.RunsElsewhere")]
    [InlineData("Stop-StratoVm other -TurnOff -Force", "StratoVirt.RunsElsewhere")]
    [InlineData("Restart-StratoVm other -Force", "StratoVirt.RunsElsewhere")]
    [InlineData("Suspend-StratoVm other", "StratoVirt.RunsElsewhere")]
    [InlineData("Send-StratoConsole other x", "StratoVirt.RunsElsewhere")]
    [InlineData("Receive-StratoConsole other -Follow", "StratoVirt.RunsElsewhere")]
    [InlineData("Wait-StratoVm other -ConsoleText x", "StratoVirt.RunsElsewhere")]
    [InlineData("Measure-StratoVm other", "StratoVirt.RunsElsewhere")]
    [InlineData("Add-StratoDevice other -Balloon", "StratoVirt.RunsElsewhere")]
    [InlineData("Invoke-StratoQmp other query-status", "StratoVirt.ControlUnreachable")]
    [InlineData("Start-StratoVm other", "StratoVirt.AlreadyRunning")]
    [InlineData("Remove-StratoVm other -Confirm:$false", "StratoVirt.Running")]
    [InlineData("Remove-StratoVm other -Force -Confirm:$false", "StratoVirt.RunsElsewhere")]
    public void Each_verb_is_one_clear_error(string command, string id)
    {
        SayWhoHoldsIt();
        ErrorRecord error = _session.Run(command).OnlyError(id);
        Assert.Equal("other", error.TargetObject.ToString());
        Assert.Single(_session.Get("Get-StratoVm other"));
    }

    [Theory]
    [InlineData("Set-StratoDevice other rng -Operations 5")]
    [InlineData("Remove-StratoDevice other rng")]
    public void Its_devices_are_shown_as_defined_and_cannot_be_changed(string command)
    {
        SayWhoHoldsIt();
        Assert.Equal("Defined", _session.Get<string>("(Get-StratoDevice other).State"));
        string before = _session.Get<string>("Export-StratoVm other");
        Assert.Equal("other/rng", _session.Run(command).OnlyError("StratoVirt.RunsElsewhere").TargetObject.ToString());
        Assert.Equal(before, _session.Get<string>("Export-StratoVm other"));
    }

    [Fact]
    public void Its_console_log_can_be_read()
    {
        SayWhoHoldsIt();
        Assert.Equal(["one", "two", "prompt> "], _session.Get("Receive-StratoConsole other").Select(line => line.ToString()));
        Assert.Equal("prompt> ", _session.Get<string>("Receive-StratoConsole other -Tail 1"));
    }

    [Fact]
    public void Its_end_can_be_waited_for()
    {
        SayWhoHoldsIt();
        _holder.StandardInput.Close();
        _session.Get("Wait-StratoVm other -TimeoutSeconds 30");
        Assert.Equal("Stopped", _session.Get<string>("(Get-StratoVm other).State"));
    }

    private void SayWhoHoldsIt()
    {
        // Field 22 of proc_pid_stat(5), its start; flock's own name holds no space.
        string ticks = File.ReadAllText($"/proc/{_holder.Id}/stat").Split(' ')[21];
        File.WriteAllText(
            Path.Combine(RuntimeDirectory, "owner"),
            $$"""{"name":"other","processId":{{_holder.Id}},"processStartTicks":{{ticks}},"startedAt":"2026-01-02T03:04:05Z","kind":"inProcess"}""");
    }
}
