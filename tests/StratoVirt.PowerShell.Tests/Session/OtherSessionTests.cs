using System.Diagnostics;
using StratoVirt.PowerShell.Tests.Hosting;

namespace StratoVirt.PowerShell.Tests.Session;

/// <summary>A machine in another PowerShell process, driven from this one over its control socket.</summary>
public sealed class OtherSessionTests : IDisposable
{
    private readonly ModuleSession _session = new();
    private readonly Process _other;

    public OtherSessionTests()
    {
        string? shell = Environment.GetEnvironmentVariable("STRATOVIRT_TEST_SHELL");
        Assert.SkipUnless(shell is not null, "run by build.ps1 in the minimal host, which STRATOVIRT_TEST_SHELL names");
        string file = Path.Combine(_session.Directory, "other.ps1");
        File.WriteAllText(
            file,
            $"""
            Import-Module '{ModuleSession.ManifestPath}'
            New-StratoVm hello -BuiltIn -Memory 16MiB | Out-Null
            Add-StratoDevice hello -Port -Name chat -Console
            Start-StratoVm hello
            Wait-StratoVm hello -ConsoleText 'hello> $' -TimeoutSeconds 30
            'it runs'
            $null = [System.Console]::In.ReadLine()
            """);
        _other = Process.Start(new ProcessStartInfo(shell, [file]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        string? line;
        do
        {
            line = _other.StandardOutput.ReadLine();
        }
        while (line is not (null or "it runs"));
        Assert.Equal("it runs", line);
    }

    public void Dispose()
    {
        if (_other is not null)
        {
            _other.StandardInput.Close();
            if (!_other.WaitForExit(TimeSpan.FromMinutes(1)))
            {
                _other.Kill();
            }

            _other.Dispose();
        }

        _session.Dispose();
    }

    [Fact]
    public void It_is_seen_as_it_is()
    {
        Assert.Equal("Running", _session.Get<string>("(Get-StratoVm hello).State"));
        Assert.Equal("InProcess", _session.Get<string>("(Get-StratoVm hello).Home"));
        Assert.Equal(_other.Id, _session.Get("(Get-StratoVm hello).ProcessId")[0].BaseObject);
        Assert.True((TimeSpan)_session.Get("(Get-StratoVm hello).Uptime")[0].BaseObject > TimeSpan.Zero);
        Assert.NotEmpty(_session.Get("(Get-StratoVm hello).VcpuExits"));
        _session.Run("Start-StratoVm hello").OnlyError("StratoVirt.AlreadyRunning");
        _session.Run("Remove-StratoVm hello -Confirm:$false").OnlyError("StratoVirt.Running");
    }

    [Fact]
    public void Its_console_is_read_and_typed_on()
    {
        Assert.StartsWith("hello from the StratoVirt", _session.Get("Receive-StratoConsole hello")[0].ToString(), StringComparison.Ordinal);
        _session.Get("Send-StratoConsole hello 'from afar'; Wait-StratoVm hello -ConsoleText '(?s)you said: from afar.*hello> $' -TimeoutSeconds 30");
        Assert.Equal(
            ["from afar", "you said: from afar", "hello> "],
            _session.Get("Receive-StratoConsole hello -SinceInput").Select(line => line.ToString()));
    }

    [Fact]
    public void It_is_suspended_resumed_reset_and_turned_off()
    {
        Assert.Equal("Paused", _session.Get<string>("Suspend-StratoVm hello -PassThru | ForEach-Object State"));
        Assert.Equal("Running", _session.Get<string>("Resume-StratoVm hello -PassThru | ForEach-Object State"));
        Assert.Equal(1, _session.Get("(Restart-StratoVm hello -Force -PassThru).Resets")[0].BaseObject);
        _session.Get("Stop-StratoVm hello -TurnOff -Force");
        Assert.Equal("Stopped", _session.Get<string>("(Get-StratoVm hello).State"));
        Assert.Equal("host-qmp-quit", _session.Get<string>("(Get-StratoVm hello).Cause"));
        _session.Get("Remove-StratoVm hello -Confirm:$false");
    }

    [Fact]
    public void Its_power_button_is_pressed_and_its_end_waited_for()
    {
        _session.Get("Stop-StratoVm hello -TimeoutSeconds 30");
        Assert.Equal("guest-shutdown", _session.Get<string>("(Get-StratoVm hello).Cause"));
        _session.Run("Suspend-StratoVm hello").OnlyError("StratoVirt.NotRunning");
    }

    [Fact]
    public void Its_devices_come_and_go_and_change()
    {
        _session.Get("Add-StratoDevice hello -Entropy");
        Assert.Equal("rng", _session.Get<string>("(Get-StratoDevice hello | Where-Object Kind -eq Entropy).Name"));
        Assert.NotEqual("Defined", _session.Get<string>("(Get-StratoDevice hello rng).State"));
        _session.Get("Set-StratoDevice hello rng -Bandwidth 1MB");
        Assert.NotEmpty(_session.Get("(Measure-StratoVm hello).Devices"));
        _session.Run("Add-StratoDevice hello -Disk /nowhere.img").OnlyError("StratoVirt.DeviceMissing");
        // The built-in guest lets go of nothing, so the device stays and the time passes.
        _session.Run("Remove-StratoDevice hello rng -TimeoutSeconds 1").OnlyError("StratoVirt.Timeout");
    }

    /// <summary>The store has the new definition after the first time; what runs is what its own process tells.</summary>
    [Fact]
    public void A_restart_it_needs_is_said_until_it_had_one()
    {
        _session.Write(
            "hello.yaml",
            """
            apiVersion: stratovirt/v1
            kind: VirtualMachine
            metadata:
              name: hello
            spec:
              boot:
                builtIn: true
              cpus: 2
              memory: 16MiB
              ports:
              - name: chat
                console: true
            """);
        for (int time = 0; time < 2; time++)
        {
            ScriptResult told = _session.Run("Sync-StratoVm ./hello.yaml");
            Assert.Empty(told.Errors);
            Assert.Contains("spec.cpus", Assert.Single(told.Warnings), StringComparison.Ordinal);
            Assert.True((bool)Assert.Single(told.Output).Properties["RestartNeeded"].Value);
            Assert.Equal(2, _session.Get<int>("(Get-StratoVm hello).Cpus"));
        }
    }

    [Fact]
    public void Its_changes_of_state_raise_events()
    {
        _session.Get(
            """
            $vm = Get-StratoVm hello
            $seen = [System.Collections.Concurrent.ConcurrentQueue[string]]::new()
            $id = [guid]::NewGuid()
            $queue = $seen
            $job = $ExecutionContext.Events.SubscribeEvent($vm, 'StateChanged', "$id", $queue,
                { $Event.MessageData.Enqueue("$($EventArgs.Before)-$($EventArgs.State)") }, $false, $false)
            Suspend-StratoVm hello
            Wait-StratoVm hello -State Paused -TimeoutSeconds 10
            """);
        string script = "$end = [datetime]::UtcNow.AddSeconds(20); while ($seen.Count -lt 1 -and [datetime]::UtcNow -lt $end) { [System.Threading.Thread]::Sleep(50) }; $seen";
        Assert.Equal("Running-Paused", _session.Get(script)[0].ToString());
    }
}
