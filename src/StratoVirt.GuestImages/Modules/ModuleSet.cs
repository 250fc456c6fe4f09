namespace StratoVirt.GuestImages.Modules;

/// <summary>Modules together with everything they need, in an order in which they can be loaded.</summary>
internal static class ModuleSet
{
    /// <summary>Finds the order: dependencies first, otherwise as asked for.</summary>
    /// <param name="wanted">Modules, by name in any spelling.</param>
    /// <param name="catalog">The kernel's modules.</param>
    /// <param name="skipMissing">Whether a wanted module the kernel does not have is left out.</param>
    /// <exception cref="GuestImageException">A module is missing, damaged or part of a circle.</exception>
    public static IReadOnlyList<ModuleInfo> Resolve(
        IEnumerable<string> wanted, IModuleCatalog catalog, bool skipMissing)
    {
        var order = new List<ModuleInfo>();
        var finished = new HashSet<string>(StringComparer.Ordinal);
        foreach (string name in wanted.Select(ModuleName.Normalize))
        {
            if (finished.Contains(name))
            {
                continue;
            }

            if (catalog.Find(name) is { } module)
            {
                Visit(module, catalog, finished, order);
            }
            else if (!catalog.BuiltIn.Contains(name) && !skipMissing)
            {
                throw new GuestImageException(
                    GuestImageErrorId.ModuleNotFound,
                    $"The kernel has no module '{name}', neither as a file nor built in.",
                    "Check the name, or take another kernel flavor.");
            }
        }

        return order;
    }

    /// <summary>Depth first with a stack of its own: how deep the files make it is not ours to trust.</summary>
    private static void Visit(
        ModuleInfo root, IModuleCatalog catalog, HashSet<string> finished, List<ModuleInfo> order)
    {
        var path = new Stack<(ModuleInfo Module, int Next)>();
        var onPath = new HashSet<string>(StringComparer.Ordinal) { root.Name };
        path.Push((root, 0));
        while (path.TryPop(out (ModuleInfo Module, int Next) top))
        {
            if (top.Next == top.Module.Depends.Count)
            {
                onPath.Remove(top.Module.Name);
                finished.Add(top.Module.Name);
                order.Add(top.Module);
                continue;
            }

            path.Push(top with { Next = top.Next + 1 });
            string dependency = top.Module.Depends[top.Next];
            if (onPath.Contains(dependency))
            {
                throw new GuestImageException(
                    GuestImageErrorId.ModuleCycle,
                    $"Modules '{top.Module.Name}' and '{dependency}' depend on each other.",
                    "Check that the module directory holds one kernel's modules only.");
            }

            if (finished.Contains(dependency))
            {
                continue;
            }

            if (catalog.Find(dependency) is { } next)
            {
                onPath.Add(dependency);
                path.Push((next, 0));
            }
            else if (!catalog.BuiltIn.Contains(dependency))
            {
                throw new GuestImageException(
                    GuestImageErrorId.ModuleNotFound,
                    $"Module '{top.Module.Name}' needs '{dependency}', which is neither a file nor built into the kernel.",
                    "Check that the module directory is complete.");
            }
        }
    }
}
