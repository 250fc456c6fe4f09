using System.Management.Automation;
using StratoVirt.PowerShell.Tests.Hosting;

namespace StratoVirt.PowerShell.Tests.Commands;

public sealed class GetStratoVmTests : IDisposable
{
    private readonly ModuleSession _session = new();

    public GetStratoVmTests() => _session.Get("'web1', 'web2', 'DB' | ForEach-Object { New-StratoVm $_ -BuiltIn }");

    public void Dispose() => _session.Dispose();

    [Theory]
    [InlineData("", "DB web1 web2")]
    [InlineData("*", "DB web1 web2")]
    [InlineData("web*", "web1 web2")]
    [InlineData("WEB[12]", "web1 web2")]
    [InlineData("db", "DB")]
    [InlineData("nothing*", "")]
    [InlineData("w*, web1, d?", "web1 web2 DB")]
    public void Names_and_patterns_choose(string names, string expected) =>
        Assert.Equal(expected, string.Join(' ', _session.Get($"Get-StratoVm {names}").Select(vm => vm.ToString())));

    [Fact]
    public void Names_come_through_the_pipeline_both_ways()
    {
        Assert.Equal(2, _session.Get("'web1', 'web2' | Get-StratoVm").Length);
        Assert.Equal(3, _session.Get("Get-StratoVm | ForEach-Object { [pscustomobject] @{ Name = $_.Name } } | Get-StratoVm").Length);
        Assert.Equal(3, _session.Get("Get-StratoVm | Get-StratoVm").Length);
        Assert.Single(_session.Get("$vm = Get-StratoVm web1; Get-StratoVm $vm"));
    }

    [Fact]
    public void An_unknown_name_is_an_error_that_names_the_nearest()
    {
        ErrorRecord error = _session.Run("Get-StratoVm wbe1").OnlyError("StratoVirt.NotFound");
        Assert.Equal(ErrorCategory.ObjectNotFound, error.CategoryInfo.Category);
        Assert.Equal("wbe1", error.TargetObject);
        Assert.Contains("web1", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public void An_error_with_one_name_does_not_stop_the_others()
    {
        ScriptResult result = _session.Run("Get-StratoVm web1, nosuch, web2");
        Assert.Equal(2, result.Output.Length);
        result.OnlyError("StratoVirt.NotFound");
    }

    [Theory]
    [InlineData("Get-StratoVm 'web[', web1")]
    [InlineData("Export-StratoVm 'web[', web1")]
    [InlineData("Get-StratoDevice 'web[', web1; 'output'")]
    public void A_pattern_that_is_none_is_one_error(string command)
    {
        ScriptResult result = _session.Run(command);
        Assert.Single(result.Output);
        Assert.Equal(ErrorCategory.InvalidArgument, result.OnlyError("StratoVirt.PatternInvalid").CategoryInfo.Category);
    }

    [Fact]
    public void Objects_of_the_same_machine_are_equal()
    {
        Assert.True(_session.Get<bool>("(Get-StratoVm web1) -in @(Get-StratoVm)"));
        Assert.False(_session.Get<bool>("(Get-StratoVm web1) -in @(Get-StratoVm web2, db)"));
        Assert.Equal(3, _session.Get<int>("[System.Collections.Generic.HashSet[object]]::new([object[]] @(Get-StratoVm; Get-StratoVm web*)).Count"));
    }

    [Fact]
    public void A_broken_definition_is_reported_and_hides_no_other_machine()
    {
        File.WriteAllText(_session.Get<string>("(Get-StratoVm web1).Path"), "apiVersion: stratovirt/v1\nkind: VirtualMachine\nmetadata:\n  name: web1\nspec:\n  cpu: 3\n  boot:\n    builtIn: true\n");
        ScriptResult result = _session.Run("Get-StratoVm");
        Assert.Equal(["DB", "web2"], result.Output.Select(vm => vm.ToString()));
        ErrorRecord error = result.OnlyError("StratoVirt.UnknownKey");
        Assert.Contains("(6,3)", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("cpus", error.ToString() + error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public void State_chooses()
    {
        Assert.Equal(3, _session.Get("Get-StratoVm -State Stopped").Length);
        Assert.Empty(_session.Get("Get-StratoVm -State Running, Paused"));
    }

    [Fact]
    public void Machines_sort_by_name()
    {
        Assert.Equal("DB web1 web2", _session.Get<string>("$all = [System.Collections.Generic.List[object]] @(Get-StratoVm web2, DB, web1); $all.Sort(); \"$all\""));
    }

    [Fact]
    public void A_runtime_directory_open_to_others_is_one_error()
    {
        Directory.CreateDirectory(Path.Combine(_session.Directory, "run"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherExecute);
        ScriptResult result = _session.Run("Get-StratoVm");
        result.OnlyError("StratoVirt.RuntimeDirectory");
        Assert.Empty(result.Output);
        Directory.Delete(Path.Combine(_session.Directory, "run"));
    }

    [Fact]
    public void A_relative_store_is_one_error()
    {
        _session.Run("$env:STRATOVIRT_HOME = 'here'; Get-StratoVm").OnlyError("StratoVirt.StoreUnusable");
        Environment.SetEnvironmentVariable("STRATOVIRT_HOME", Path.Combine(_session.Directory, "home"));
    }
}
