namespace StratoVirt.GuestImages.Modules;

/// <summary>The modules of a kernel that comes without any.</summary>
internal sealed class NoModules : IModuleCatalog
{
    public static NoModules Instance { get; } = new();

    /// <inheritdoc/>
    public IReadOnlySet<string> BuiltIn { get; } = new HashSet<string>();

    /// <inheritdoc/>
    public ModuleInfo? Find(string name) => null;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, byte[]> Load(
        IReadOnlyCollection<string> names, CancellationToken cancellationToken) => new Dictionary<string, byte[]>();
}
