using System.Collections;
using System.Management.Automation;
using StratoVirt.PowerShell.Tests.Hosting;

namespace StratoVirt.PowerShell.Tests.Commands;

public sealed class SyncStratoVmTests : IDisposable
{
    private readonly ModuleSession _session = new();

    public SyncStratoVmTests() => Directory.CreateDirectory(Path.Combine(_session.Directory, "fleet"));

    public void Dispose() => _session.Dispose();

    [Fact]
    public void Machines_become_what_the_files_say_and_stay_so()
    {
        Write("a", "state: running");
        Write("b", "state: stopped");
        Write("c", "cpus: 3");
        PSObject[] first = Sync();
        Assert.Equal(["a", "b", "c"], first.Select(Name));
        Assert.All(first, result => Assert.True(IsChanged(result)));
        Assert.Equal(["state: absent -> running (hot)", "state: absent -> stopped (stored)", "state: absent -> stopped (stored)"], first.SelectMany(Diff));
        Assert.Equal("Running Stopped Stopped", States());
        Assert.All(first, result => Assert.Null(result.Properties["Before"].Value));
        Assert.Equal(_session.Get<string>("Export-StratoVm c"), Text(first[2], "After"));

        PSObject[] second = Sync();
        Assert.All(second, result => Assert.False(IsChanged(result)));
        Assert.Empty(second.SelectMany(Diff));
        Assert.Equal("Running Stopped Stopped", States());
    }

    [Fact]
    public void States_are_reached_from_every_other()
    {
        Write("a", "state: running");
        Sync();
        Write("a", "state: stopped");
        Assert.Contains("state: running -> stopped (hot)", Diff(Assert.Single(Sync())));
        Write("a", "state: running");
        Assert.Contains("state: stopped -> running (hot)", Diff(Assert.Single(Sync())));
        _session.Get("Suspend-StratoVm a");
        Assert.Equal(["state: paused -> running (hot)"], Diff(Assert.Single(Sync())));
        Assert.Equal("Running", States());
        Write("a", "state: present");
        Assert.Equal(["spec.state: running -> present (stored)"], Diff(Assert.Single(Sync())));
        Assert.Equal("Running", States());
        Write("a", "state: absent");
        PSObject gone = Assert.Single(Sync());
        Assert.Equal(["state: running -> absent (hot)"], Diff(gone));
        Assert.Null(gone.Properties["After"].Value);
        Assert.Empty(_session.Get("Get-StratoVm"));
        Assert.False(IsChanged(Assert.Single(Sync())));
    }

    [Fact]
    public void A_running_machine_takes_devices_and_settings_at_once()
    {
        Write("a", "state: running");
        Sync();
        Write("a", "state: running\n  entropy: {}\n  balloon:\n    size: 1MiB\n  ports:\n  - name: agent");
        string[] diff = Diff(Assert.Single(Sync()));
        Assert.Equal(3, diff.Length);
        Assert.All(diff, change => Assert.EndsWith("(hot)", change, StringComparison.Ordinal));
        Assert.Equal("agent rng balloon", _session.Get<string>("\"$((Get-StratoDevice a | Where-Object State -ne Defined).Name)\""));
        Assert.False(IsChanged(Assert.Single(Sync())));

        Write("a", "state: running\n  balloon:\n    size: 2MiB\n  entropy:\n    rateLimit:\n      operations: 5");
        string[] changed = Diff(Assert.Single(Sync()));
        Assert.Contains("spec.balloon.size: 1MiB -> 2MiB (hot)", changed);
        Assert.Contains("spec.entropy.rateLimit: none -> {\"operations\":5} (hot)", changed);
        Assert.Contains(changed, change => change.StartsWith("spec.ports[agent]: ", StringComparison.Ordinal));
        Assert.Equal(2UL << 20, _session.Get<ulong>("(Get-StratoDevice a balloon).Settings['Size']"));
        Assert.Empty(_session.Get("Get-StratoDevice a agent -ErrorAction Ignore"));
        Assert.False(IsChanged(Assert.Single(Sync())));
    }

    [Fact]
    public void What_needs_a_restart_is_said_and_done_only_when_allowed()
    {
        Write("a", "state: running");
        Sync();
        Write("a", "state: running\n  cpus: 2");
        ScriptResult told = _session.Run("Sync-StratoVm ./fleet/*.yaml");
        PSObject result = Assert.Single(told.Output);
        Assert.Empty(told.Errors);
        Assert.Contains("spec.cpus", Assert.Single(told.Warnings), StringComparison.Ordinal);
        Assert.Equal(["spec.cpus: 1 -> 2 (pending)"], Diff(result));
        Assert.True(IsChanged(result));
        Assert.True((bool)result.Properties["RestartNeeded"].Value);
        Assert.Equal(2, _session.Get<int>("(Get-StratoVm a).Cpus"));

        // The definition has it now; the machine still has not.
        ScriptResult again = _session.Run("Sync-StratoVm ./fleet/*.yaml");
        Assert.Single(again.Warnings);
        Assert.False(IsChanged(Assert.Single(again.Output)));
        Assert.Equal(["spec.cpus: 1 -> 2 (pending)"], Diff(again.Output[0]));

        PSObject restarted = Assert.Single(Sync("-AllowRestart"));
        Assert.Equal(["spec.cpus: 1 -> 2 (restart)"], Diff(restarted));
        Assert.True(IsChanged(restarted));
        Assert.False((bool)restarted.Properties["RestartNeeded"].Value);
        Assert.Equal(2, _session.Get<int>("(Get-StratoVm a).VcpuExits.Count"));
        Assert.Empty(Diff(Assert.Single(Sync())));
    }

    [Fact]
    public void A_device_that_cannot_come_is_an_error_of_its_machine_alone()
    {
        Write("a", "state: running");
        Write("b", "cpus: 1");
        Sync();
        Write("a", "state: running\n  disks:\n  - name: data\n    path: nosuch.img\n  entropy: {}");
        Write("b", "cpus: 2");
        ScriptResult result = _session.Run("Sync-StratoVm ./fleet/*.yaml");
        Assert.Equal("a", result.OnlyError("StratoVirt.DeviceMissing").TargetObject);
        Assert.Equal(["a", "b"], result.Output.Select(Name));
        Assert.Contains(Diff(result.Output[0]), change => change.StartsWith("spec.disks[data]", StringComparison.Ordinal) && change.EndsWith("(failed)", StringComparison.Ordinal));
        Assert.Contains(Diff(result.Output[0]), change => change.StartsWith("spec.entropy", StringComparison.Ordinal) && change.EndsWith("(hot)", StringComparison.Ordinal));
        Assert.Equal(["spec.cpus: 1 -> 2 (stored)"], Diff(result.Output[1]));

        // The next run tries again.
        File.WriteAllBytes(Path.Combine(_session.Directory, "fleet", "nosuch.img"), new byte[1 << 20]);
        Assert.EndsWith("(hot)", Assert.Single(Diff(Sync()[0])), StringComparison.Ordinal);
    }

    [Fact]
    public void A_start_that_fails_says_so_and_leaves_the_definition()
    {
        _session.Write("fleet/a.yaml", Document("a", "state: running").Replace("builtIn: true", "kernel: nosuch", StringComparison.Ordinal));
        Write("b", "state: running");
        ScriptResult result = _session.Run("Sync-StratoVm ./fleet/*.yaml");
        result.OnlyError("StratoVirt.KernelMissing");
        Assert.Equal(["state: absent -> running (failed)"], Diff(result.Output[0]));
        Assert.True(IsChanged(result.Output[0]));
        Assert.Equal("Stopped Running", States());
    }

    [Fact]
    public void WhatIf_shows_the_plan_and_changes_nothing()
    {
        Write("a", "state: running");
        Sync();
        _session.Get($"Sync-StratoVm -Definition {Quoted(Document("old", "cpus: 1"))} -Fleet x");
        Write("a", "state: stopped\n  cpus: 2");
        Write("b", "state: running");
        _session.Host.Screen.Clear();
        PSObject[] planned = Sync("-WhatIf -Fleet x -Prune");
        Assert.Equal(["old", "a", "b"], planned.Select(Name));
        Assert.All(planned, result => Assert.True(IsChanged(result)));
        Assert.Contains("state: running -> stopped (hot)", Diff(planned[1]));
        Assert.Contains("b: Create, start: state: absent -> running", _session.Host.Screen.Text, StringComparison.Ordinal);
        Assert.Contains("old: Remove", _session.Host.Screen.Text, StringComparison.Ordinal);
        Assert.Equal("Running Stopped", States());
        Assert.Equal(1, _session.Get<int>("(Get-StratoVm a).Cpus"));
    }

    [Fact]
    public void One_fault_in_any_file_and_nothing_is_changed()
    {
        Write("a", "state: running");
        _session.Write("fleet/b.yaml", Document("b", "cpuz: 1"));
        _session.Write("fleet/c.yaml", Document("c", "cpus: 1") + "---\n" + Document("d", "memory: 1"));
        ScriptResult result = _session.Run("Sync-StratoVm ./fleet/*.yaml");
        Assert.Empty(result.Output);
        Assert.Equal(["StratoVirt.UnknownKey", "StratoVirt.OutOfRange", "StratoVirt.FleetInvalid"], result.Errors.Select(error => error.FullyQualifiedErrorId.Split(',')[0]));
        Assert.Contains("c.yaml(16,11)", result.Errors[1].ToString(), StringComparison.Ordinal);
        Assert.Empty(_session.Get("Get-StratoVm"));
    }

    [Fact]
    public void A_name_given_twice_is_a_fault_that_names_both_places()
    {
        Write("a", "cpus: 1");
        _session.Write("fleet/b.yaml", Document("b", "cpus: 1") + "---\n" + Document("A", "cpus: 2"));
        ScriptResult result = _session.Run("Sync-StratoVm ./fleet/*.yaml");
        Assert.StartsWith("StratoVirt.NameTwice", result.Errors[0].FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("b.yaml(11)", result.Errors[0].ToString(), StringComparison.Ordinal);
        Assert.Contains("a.yaml(1)", result.Errors[0].ToString(), StringComparison.Ordinal);
        Assert.Empty(_session.Get("Get-StratoVm"));
    }

    [Fact]
    public void Prune_takes_what_a_former_run_made_from_these_files_and_nothing_else()
    {
        Directory.CreateDirectory(Path.Combine(_session.Directory, "fleet", "deep"));
        Write("a", "cpus: 1");
        Write("b", "cpus: 1");
        _session.Write("fleet/deep/c.yaml", Document("c", "cpus: 1"));
        _session.Write("other.yaml", Document("other", "cpus: 1"));
        _session.Get("New-StratoVm mine -BuiltIn; New-StratoVm b2 -BuiltIn");
        _session.Get("Sync-StratoVm ./fleet/*.yaml, ./fleet/deep/*.yaml, ./other.yaml");
        _session.Write("copy.yaml", _session.Get<string>("Export-StratoVm b").Replace("name: b", "name: copy", StringComparison.Ordinal));
        _session.Get("Import-StratoVm ./copy.yaml");
        File.Delete(Path.Combine(_session.Directory, "fleet", "b.yaml"));
        _session.Write("fleet/a.yaml", Document("a2", "cpus: 1"));
        // Made by hand and named by a document since: changed, and never pruned.
        Write("b2", "cpus: 2");
        Sync();
        File.Delete(Path.Combine(_session.Directory, "fleet", "b2.yaml"));

        Assert.Single(_session.Get("Sync-StratoVm ./other.yaml -Prune"));
        Assert.Equal("a a2 b b2 c copy mine other", Names());
        Assert.Equal(["a", "b"], Sync("-Prune").Where(IsChanged).Select(Name));
        Assert.Equal("a2 b2 c copy mine other", Names());
        Assert.Equal(2, _session.Get<int>("(Get-StratoVm b2).Cpus"));
        Assert.DoesNotContain(Sync("-Prune"), IsChanged);
    }

    [Fact]
    public void A_named_fleet_is_pruned_wherever_its_files_are()
    {
        string both = $"@({Quoted(Document("a", "cpus: 1"))}, {Quoted(Document("b", "cpus: 1"))})";
        _session.Get($"Sync-StratoVm -Definition {both} -Fleet one");
        _session.Get($"Sync-StratoVm -Definition {Quoted(Document("c", "cpus: 1"))} -Fleet two -Prune");
        Assert.Equal("a b c", Names());
        Write("a", "cpus: 1");
        Assert.Equal(["b"], Sync("-Fleet one -Prune").Where(IsChanged).Select(Name));
        Assert.Equal("a c", Names());
        _session.Run($"Sync-StratoVm -Definition {both} -Prune").OnlyError("StratoVirt.FleetMissing");
    }

    [Fact]
    public void A_pattern_without_files_prunes_nothing()
    {
        Write("a", "cpus: 1");
        Sync();
        File.Delete(Path.Combine(_session.Directory, "fleet", "a.yaml"));
        _session.Run("Sync-StratoVm ./fleet/*.yaml -Prune").OnlyError("StratoVirt.FileMissing");
        Assert.Equal("a", Names());
    }

    [Fact]
    public void A_directory_and_a_pattern_of_nothing_are_errors_that_say_so()
    {
        Write("a", "cpus: 1");
        ScriptResult result = _session.Run("Sync-StratoVm ./fleet");
        Assert.Equal(["StratoVirt.PathUnusable", "StratoVirt.FleetInvalid"], result.Errors.Select(error => error.FullyQualifiedErrorId.Split(',')[0]));
        _session.Run("Sync-StratoVm './fleet/[a.yaml'").OnlyError("StratoVirt.FileMissing");
        Assert.Empty(_session.Get("Get-StratoVm"));
    }

    [Fact]
    public void One_state_can_be_wanted_of_all()
    {
        Write("a", "state: running");
        Write("b", "cpus: 1");
        Sync();
        Sync("-State Stopped");
        Assert.Equal("Stopped Stopped", States());
        Assert.Equal(2, Sync("-State Absent").Length);
        Assert.Empty(_session.Get("Get-StratoVm"));
    }

    [Fact]
    public void A_guest_that_does_not_shut_down_is_an_error_and_force_turns_it_off()
    {
        Write("hello", "state: running");
        Sync();
        _session.Get("Wait-StratoVm hello -ConsoleText 'hello> $' -TimeoutSeconds 30; Send-StratoConsole hello spin; Wait-StratoVm hello -ConsoleText spinning -TimeoutSeconds 30");
        Write("hello", "state: stopped");
        ScriptResult result = _session.Run("Sync-StratoVm ./fleet/*.yaml -TimeoutSeconds 1");
        result.OnlyError("StratoVirt.Timeout");
        Assert.Contains("state: running -> stopped (failed)", Diff(Assert.Single(result.Output)));
        Assert.Equal("Running", States());
        Sync("-TimeoutSeconds 1 -Force");
        Assert.Equal("Stopped", States());
    }

    [Fact]
    public void A_machine_with_a_fault_is_restarted_only_when_allowed()
    {
        Write("hello", "state: running");
        Sync();
        _session.Get("Wait-StratoVm hello -ConsoleText 'hello> $' -TimeoutSeconds 30; Send-StratoConsole hello fault; Wait-StratoVm hello -State InternalError -TimeoutSeconds 30");
        PSObject told = Assert.Single(_session.Run("Sync-StratoVm ./fleet/*.yaml").Output);
        Assert.Equal(["state: internal-error -> running (pending)"], Diff(told));
        Assert.False(IsChanged(told));
        Assert.Equal(["state: internal-error -> running (restart)"], Diff(Assert.Single(Sync("-AllowRestart"))));
        Assert.Equal("Running", States());
    }

    [Fact]
    public void A_definition_that_cannot_be_used_is_mended()
    {
        Write("a", "cpus: 2");
        _session.Get("New-StratoVm a -BuiltIn");
        File.WriteAllText(_session.Get<string>("(Get-StratoVm a).Path"), "broken");
        Assert.Equal(["definition: unusable -> usable (stored)"], Diff(Assert.Single(Sync())));
        Assert.Equal(2, _session.Get<int>("(Get-StratoVm a).Cpus"));
    }

    [Fact]
    public void Files_come_by_pipeline_and_by_name()
    {
        Write("a", "cpus: 1");
        _session.Write("fleet/[b].yaml", Document("b", "cpus: 1"));
        Assert.Equal(2, _session.Get("[System.IO.DirectoryInfo]::new(\"$pwd/fleet\").GetFiles('*.yaml') | Sync-StratoVm").Length);
        Assert.False(IsChanged(Assert.Single(_session.Get("Sync-StratoVm -LiteralPath './fleet/[b].yaml'"))));
        Assert.Equal(Path.Combine(_session.Directory, "fleet", "[b].yaml"), Text(_session.Get("Sync-StratoVm -LiteralPath './fleet/[b].yaml'")[0], "Source"));
    }

    [Fact]
    public void A_stop_of_the_pipeline_begins_no_further_machine()
    {
        Write("a", "state: running");
        Sync();
        _session.Get("Wait-StratoVm a -ConsoleText 'hello> $' -TimeoutSeconds 30; Send-StratoConsole a spin; Wait-StratoVm a -ConsoleText spinning -TimeoutSeconds 30");
        Write("a", "state: absent");
        Write("b", "cpus: 1");
        using var output = new PSDataCollection<PSObject>();
        using System.Management.Automation.PowerShell shell = _session.Begin("Sync-StratoVm ./fleet/*.yaml -TimeoutSeconds 600", out IAsyncResult running, output);
        Assert.True(SpinWait.SpinUntil(() => _session.Host.Screen.Progress.ToArray().Any(shown => shown.Contains("waiting for its guest", StringComparison.Ordinal)), 30_000));
        shell.Stop();
        Assert.ThrowsAny<PipelineStoppedException>(() => shell.EndInvoke(running));
        Assert.Equal("a", Names());
    }

    [Fact]
    public void The_example_fleet_comes_up()
    {
        string fleet = Path.Combine(ModuleSession.ModuleDirectory, "examples", "fleet");
        _session.Get("New-StratoVm web-old -BuiltIn");
        PSObject[] results = _session.Get($"Sync-StratoVm '{fleet}/*.yaml'");
        Assert.Equal(["web-old", "web", "worker-1", "worker-2"], results.Select(Name));
        Assert.Equal("web worker-1 worker-2", Names());
        Assert.Equal("Running Running Stopped", States());
        Assert.DoesNotContain(_session.Get($"Sync-StratoVm '{fleet}/*.yaml'"), IsChanged);
    }

    private static string Document(string name, string spec) =>
        $"apiVersion: stratovirt/v1\nkind: VirtualMachine\nmetadata:\n  name: {name}\nspec:\n  memory: 16MiB\n  {spec}\n  boot:\n    builtIn: true\n"
            .Replace("  memory: 16MiB\n  memory:", "  memory:", StringComparison.Ordinal);

    private static string Quoted(string text) => "'" + text + "'";

    private static string Name(PSObject result) => Text(result, "Name");

    private static bool IsChanged(PSObject result) => (bool)result.Properties["Changed"].Value;

    private static string Text(PSObject result, string property) => result.Properties[property].Value.ToString()!;

    private static string[] Diff(PSObject result) => [.. ((IEnumerable)result.Properties["Diff"].Value).Cast<object>().Select(change => change.ToString()!)];

    private void Write(string name, string spec) => _session.Write($"fleet/{name}.yaml", Document(name, spec));

    private PSObject[] Sync(string arguments = "") => _session.Get($"Sync-StratoVm ./fleet/*.yaml {arguments}");

    private string Names() => _session.Get<string>("\"$((Get-StratoVm).Name)\"");

    private string States() => _session.Get<string>("\"$((Get-StratoVm).State)\"");
}
