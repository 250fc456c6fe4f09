using System.Management.Automation;
using StratoVirt.PowerShell.Tests.Hosting;

namespace StratoVirt.PowerShell.Tests.Commands;

public sealed class RemoveStratoVmTests : IDisposable
{
    private readonly ModuleSession _session = new();

    public void Dispose() => _session.Dispose();

    [Fact]
    public void Asks_before_it_removes()
    {
        _session.Get("New-StratoVm vm -BuiltIn");
        _session.Get("Remove-StratoVm vm");
        Assert.Single(_session.Host.Screen.Questions);
        Assert.Single(_session.Get("Get-StratoVm"));

        _session.Host.Screen.Answer = "Yes";
        _session.Get("Remove-StratoVm vm");
        Assert.Empty(_session.Get("Get-StratoVm"));
    }

    [Fact]
    public void Removes_what_the_pipeline_brings()
    {
        _session.Get("'a', 'b', 'c' | ForEach-Object { New-StratoVm $_ -BuiltIn }; Get-StratoVm [ab] | Remove-StratoVm -Confirm:$false");
        Assert.Equal("c", Assert.Single(_session.Get("Get-StratoVm")).ToString());
    }

    [Fact]
    public void WhatIf_removes_nothing()
    {
        _session.Get("New-StratoVm vm -BuiltIn; Remove-StratoVm vm -WhatIf");
        Assert.Single(_session.Get("Get-StratoVm"));
    }

    [Fact]
    public void A_running_machine_is_not_removed()
    {
        _session.StartHello();
        ErrorRecord error = _session.Run("Remove-StratoVm hello -Confirm:$false").OnlyError("StratoVirt.Running");
        Assert.Equal(ErrorCategory.InvalidOperation, error.CategoryInfo.Category);
        Assert.Equal("Running", _session.Get<string>("(Get-StratoVm hello).State"));
    }

    [Fact]
    public void Force_turns_it_off_first()
    {
        _session.StartHello();
        _session.Get("Remove-StratoVm hello -Force -Confirm:$false");
        Assert.Empty(_session.Get("Get-StratoVm"));
        _session.StartHello();
    }

    [Fact]
    public void A_machine_with_a_broken_definition_can_be_removed()
    {
        File.WriteAllText(_session.Get<string>("(New-StratoVm vm -BuiltIn).Path"), "broken");
        _session.Get("Remove-StratoVm vm -Confirm:$false");
        Assert.Empty(_session.Get("Get-StratoVm"));
    }

    [Fact]
    public void A_machine_that_is_not_there_is_one_error() =>
        _session.Run("Remove-StratoVm vm -Confirm:$false").OnlyError("StratoVirt.NotFound");
}
