using System.Runtime.Loader;
using StratoVirt.PowerShell.Tests.Hosting;

namespace StratoVirt.PowerShell.Tests.Module;

/// <summary>The engine and what it brings load privately; what a user touches does not.</summary>
public sealed class LoadContextTests : IDisposable
{
    private readonly ModuleSession _session = new();

    public void Dispose() => _session.Dispose();

    [Fact]
    public void Only_the_cmdlet_assembly_is_in_the_default_context()
    {
        _session.Get("New-StratoVm vm -BuiltIn; Export-StratoVm vm | Out-Null");
        _session.Write("vm.yaml", "apiVersion: stratovirt/v1");
        _session.Run("Import-StratoVm vm.yaml");
        string[] shared = [.. AssemblyLoadContext.Default.Assemblies.Select(assembly => assembly.GetName().Name!)];
        Assert.Contains("StratoVirt.PowerShell", shared);
        Assert.DoesNotContain(shared, name =>
            name is "StratoVirt.Machine" or "StratoVirt.Definitions" or "StratoVirt.Store" or "YamlDotNet" or "ZstdSharp" or "SharpCompress");
        AssemblyLoadContext engine = Assert.Single(AssemblyLoadContext.All, context => context.Name == "StratoVirt");
        Assert.Contains(engine.Assemblies, assembly => assembly.GetName().Name == "YamlDotNet");
    }

    [Fact]
    public void Users_see_no_type_of_the_engine()
    {
        string[] foreign = _session.Get<string[]>("""
            $assembly = (Get-Command New-StratoVm).ImplementingType.Assembly
            , @($assembly.ExportedTypes | ForEach-Object { $type = $_
                $_.GetMembers('Public, Instance, Static, DeclaredOnly') | ForEach-Object {
                    $_.PropertyType; $_.ReturnType; $_.FieldType; if ($_ -is [System.Reflection.MethodBase]) { $_.GetParameters().ParameterType } } } |
                Where-Object { $_ } | ForEach-Object { $_; $_.GenericTypeArguments } |
                Where-Object { $_.Assembly.GetName().Name -like 'StratoVirt.*' -and $_.Assembly -ne $assembly } |
                ForEach-Object FullName)
            """);
        Assert.Empty(foreign);
    }
}
