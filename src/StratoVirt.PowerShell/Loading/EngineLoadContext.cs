using System.Reflection;
using System.Runtime.Loader;

namespace StratoVirt.PowerShell.Loading;

/// <summary>
/// Holds the engine and everything it brings along (YAML, decompressors), so that another module in the same pwsh can
/// load its own version of any of them. Only names that are files in <c>Dependencies/</c> are answered; the framework
/// and PowerShell itself come from the default context.
/// </summary>
internal sealed class EngineLoadContext(string directory) : AssemblyLoadContext("StratoVirt")
{
    /// <summary>The file that holds an assembly, or null when it is none of ours.</summary>
    public string? Find(AssemblyName name)
    {
        string path = Path.Combine(directory, name.Name + ".dll");
        return File.Exists(path) ? path : null;
    }

    /// <inheritdoc/>
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        ArgumentNullException.ThrowIfNull(assemblyName);
        return Find(assemblyName) is { } path ? LoadFromAssemblyPath(path) : null;
    }
}
