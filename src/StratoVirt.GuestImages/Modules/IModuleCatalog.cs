namespace StratoVirt.GuestImages.Modules;

/// <summary>The loadable modules of one kernel.</summary>
internal interface IModuleCatalog
{
    /// <summary>The modules built into the kernel, in the kernel's spelling.</summary>
    IReadOnlySet<string> BuiltIn { get; }

    /// <summary>What a loadable module says about itself; null if the kernel has none of this name.</summary>
    /// <param name="name">In the kernel's spelling.</param>
    /// <exception cref="GuestImageException">It is there but cannot be read.</exception>
    ModuleInfo? Find(string name);

    /// <summary>The bytes of modules that <see cref="Find"/> found, by name.</summary>
    /// <param name="names">In the kernel's spelling.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    IReadOnlyDictionary<string, byte[]> Load(IReadOnlyCollection<string> names, CancellationToken cancellationToken);
}
