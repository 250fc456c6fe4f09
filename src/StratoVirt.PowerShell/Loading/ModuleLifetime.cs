using System.Management.Automation;
using System.Reflection;
using System.Runtime.Loader;
using StratoVirt.PowerShell.Session;

namespace StratoVirt.PowerShell.Loading;

/// <summary>
/// What happens when the module enters and leaves a runspace. Nothing here may touch an engine type before
/// <see cref="OnImport"/> has made the engine loadable.
/// </summary>
public sealed class ModuleLifetime : IModuleAssemblyInitializer, IModuleAssemblyCleanup
{
    private const string OwnPrefix = "StratoVirt.";

    private static readonly EngineLoadContext Engine = new(Path.Combine(OwnDirectory(), "Dependencies"));

    private static int _resolving;

    /// <inheritdoc/>
    public void OnImport()
    {
        if (Interlocked.Exchange(ref _resolving, 1) == 0)
        {
            AssemblyLoadContext.Default.Resolving += ResolveEngine;
        }

        SessionLifetime.Enter();
    }

    /// <inheritdoc/>
    public void OnRemove(PSModuleInfo psModuleInfo) => SessionLifetime.Leave();

    // In a checkout bin/ is a link that the next build turns elsewhere, while this session still loads from here.
    private static string OwnDirectory()
    {
        string directory = Path.GetDirectoryName(typeof(ModuleLifetime).Assembly.Location)!;
        return Directory.ResolveLinkTarget(directory, returnFinalTarget: true)?.FullName ?? directory;
    }

    // The cmdlet assembly refers to nothing but the engine's own assemblies; what those need, their context finds.
    // Other names asked for in the default context are other modules' business.
    private static Assembly? ResolveEngine(AssemblyLoadContext context, AssemblyName name) =>
        name.Name is { } simple && simple.StartsWith(OwnPrefix, StringComparison.Ordinal) && Engine.Find(name) is not null
            ? Engine.LoadFromAssemblyName(name)
            : null;
}
