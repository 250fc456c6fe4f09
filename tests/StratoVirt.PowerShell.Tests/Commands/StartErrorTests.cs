using System.Management.Automation;
using StratoVirt.PowerShell.Tests.Hosting;

namespace StratoVirt.PowerShell.Tests.Commands;

/// <summary>What keeps a machine from starting is one clear error, and leaves everything as it was.</summary>
public sealed class StartErrorTests : IDisposable
{
    private readonly ModuleSession _session = new();

    public void Dispose() => _session.Dispose();

    [Fact]
    public void A_kernel_that_is_not_there()
    {
        _session.Get("New-StratoVm vm -Kernel ./nosuch");
        ErrorRecord error = Refused("StratoVirt.KernelMissing");
        Assert.Contains(Path.Combine(_session.Directory, "nosuch"), error.ToString(), StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.ObjectNotFound, error.CategoryInfo.Category);
        Assert.Equal("vm", error.TargetObject.ToString());
    }

    [Theory]
    [InlineData("empty", "StratoVirt.KernelCorrupt")]
    [InlineData("text", "StratoVirt.KernelUnrecognised")]
    [InlineData("random", "StratoVirt.KernelUnrecognised")]
    [InlineData("truncated", "StratoVirt.KernelCorrupt")]
    [InlineData("arm64", "StratoVirt.KernelArchitecture")]
    public void A_kernel_that_is_none(string kind, string id)
    {
        File.WriteAllBytes(Path.Combine(_session.Directory, "vmlinuz"), KernelFiles.Content(kind));
        _session.Get("New-StratoVm vm -Kernel ./vmlinuz");
        Refused(id);
    }

    [Fact]
    public void A_kernel_that_is_a_directory()
    {
        _session.Get("New-StratoVm vm -Kernel .");
        Refused("StratoVirt.KernelMissing");
    }

    [Fact]
    public void More_memory_than_the_host_has()
    {
        _session.Get("New-StratoVm vm -BuiltIn -Memory 1TB");
        Refused("StratoVirt.MemoryUnavailable");
    }

    [Fact]
    public void A_machine_that_runs_already()
    {
        _session.StartHello();
        ErrorRecord error = _session.Run("Start-StratoVm hello").OnlyError("StratoVirt.AlreadyRunning");
        Assert.Equal(ErrorCategory.ResourceBusy, error.CategoryInfo.Category);
        Assert.Equal("Running", _session.Get<string>("(Get-StratoVm hello).State"));
    }

    [Fact]
    public void One_that_cannot_start_does_not_stop_the_others()
    {
        _session.Get("New-StratoVm bad -Kernel ./nosuch; New-StratoVm good -BuiltIn -Memory 16MB");
        ScriptResult result = _session.Run("Get-StratoVm | Start-StratoVm -PassThru");
        Assert.Equal("good", Assert.Single(result.Output).ToString());
        result.OnlyError("StratoVirt.KernelMissing");
    }

    private ErrorRecord Refused(string id)
    {
        ErrorRecord error = _session.Run("Start-StratoVm vm").OnlyError(id);
        Assert.Equal("Stopped", _session.Get<string>("(Get-StratoVm vm).State"));
        return error;
    }
}
