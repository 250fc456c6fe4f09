using StratoVirt.PowerShell.Tests.Hosting;

namespace StratoVirt.PowerShell.Tests.Module;

/// <summary>The manifest and the assembly agree, and the module loads as its users load it.</summary>
public sealed class ManifestTests : IDisposable
{
    private readonly ModuleSession _session = new();

    public void Dispose() => _session.Dispose();

    [Fact]
    public void Module_imports_without_error() =>
        Assert.Equal("StratoVirt", _session.Get<string>("(Get-Module StratoVirt).Name"));

    [Fact]
    public void Manifest_exports_exactly_the_cmdlets_of_the_assembly()
    {
        string[] exported = _session.Get<string[]>(", @((Get-Command -Module StratoVirt).Name)");
        string[] built = _session.Get<string[]>("""
            $types = (Get-Command New-StratoVm).ImplementingType.Assembly.ExportedTypes
            , @($types | ForEach-Object { $_.GetCustomAttributes([System.Management.Automation.CmdletAttribute], $false) } |
                ForEach-Object { "$($_.VerbName)-$($_.NounName)" })
            """);
        Assert.Equal(built.Order(StringComparer.Ordinal), exported.Order(StringComparer.Ordinal));
    }
}
