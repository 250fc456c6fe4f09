using System.Management.Automation;
using StratoVirt.PowerShell.Tests.Hosting;

namespace StratoVirt.PowerShell.Tests.Commands;

public sealed class SetStratoVmTests : IDisposable
{
    private readonly ModuleSession _session = new();

    public SetStratoVmTests() => _session.Get("New-StratoVm vm -Kernel /k/vmlinuz -Initrd /k/initrd -CommandLine quiet -Label @{ a = '1' }");

    public void Dispose() => _session.Dispose();

    [Fact]
    public void Changes_what_is_given_and_nothing_else()
    {
        Assert.Empty(_session.Get("Set-StratoVm vm -Cpus 8"));
        PSObject vm = Assert.Single(_session.Get("Get-StratoVm vm"));
        Assert.Equal(8, vm.Properties["Cpus"].Value);
        Assert.Equal("/k/vmlinuz", vm.Properties["Kernel"].Value);
        Assert.Equal("/k/initrd", vm.Properties["Initrd"].Value);
        Assert.Equal("quiet", vm.Properties["CommandLine"].Value);
        Assert.Equal(true, vm.Properties["Acpi"].Value);
        Assert.Equal("1", _session.Get<string>("(Get-StratoVm vm).Labels['a']"));
    }

    [Theory]
    [InlineData("-Memory '1GiB'", "Memory", "1073741824")]
    [InlineData("-NoAcpi", "Acpi", "False")]
    [InlineData("-Initrd ''", "Initrd", "")]
    [InlineData("-Initrd $null", "Initrd", "")]
    [InlineData("-CommandLine ''", "CommandLine", "")]
    [InlineData("-CommandLine 'debug'", "CommandLine", "debug")]
    [InlineData("-Kernel ./other", "Kernel", "{0}/other")]
    [InlineData("-BuiltIn", "BuiltIn", "True")]
    public void Each_setting_changes(string arguments, string property, string expected)
    {
        string value = _session.Get<string>($"\"$((Set-StratoVm vm {arguments} -PassThru).{property})\"");
        Assert.Equal(expected.Replace("{0}", _session.Directory, StringComparison.Ordinal), value);
        Assert.Equal(value, _session.Get<string>($"\"$((Get-StratoVm vm).{property})\""));
    }

    [Fact]
    public void Acpi_and_labels_can_be_taken_back()
    {
        Assert.True(_session.Get<bool>("Set-StratoVm vm -NoAcpi; (Set-StratoVm vm -NoAcpi:$false -PassThru).Acpi"));
        Assert.Equal(0, _session.Get<int>("(Set-StratoVm vm -Label $null -PassThru).Labels.Count"));
    }

    [Theory]
    [InlineData("-Cpus 0", "StratoVirt.OutOfRange")]
    [InlineData("-Memory 3", "StratoVirt.OutOfRange")]
    [InlineData("-BuiltIn -Kernel /k/x", "StratoVirt.Conflict")]
    [InlineData("-BuiltIn -Initrd /k/x", "StratoVirt.Conflict")]
    public void What_cannot_be_changes_nothing(string arguments, string id)
    {
        string before = _session.Get<string>("Export-StratoVm vm");
        _session.Run($"Set-StratoVm vm {arguments}").OnlyError(id);
        Assert.Equal(before, _session.Get<string>("Export-StratoVm vm"));
    }

    [Fact]
    public void WhatIf_changes_nothing()
    {
        _session.Get("Set-StratoVm vm -Cpus 9 -WhatIf");
        Assert.Equal(1, _session.Get<int>("(Get-StratoVm vm).Cpus"));
    }

    [Fact]
    public void A_running_machine_takes_it_at_its_next_start_with_a_warning()
    {
        _session.StartHello();
        ScriptResult result = _session.Run("Set-StratoVm hello -Cpus 2 -PassThru");
        Assert.Single(result.Warnings);
        Assert.Equal(2, Assert.Single(result.Output).Properties["Cpus"].Value);
        Assert.Contains("1 (ACPI", _session.Get<string>("Receive-StratoConsole hello -Raw"), StringComparison.Ordinal);
    }
}
