using StratoVirt.Definitions;
using StratoVirt.Definitions.Diagnostics;

namespace StratoVirt.Store;

/// <summary>One machine in the store: its definition, or why that cannot be used.</summary>
/// <param name="Name">The name it is stored under.</param>
/// <param name="Path">Its <c>vm.yaml</c>.</param>
/// <param name="Definition">Its definition; null when <paramref name="Error"/> says why there is none.</param>
/// <param name="Error">A <see cref="DefinitionException"/> or <see cref="StoreException"/>; null when all is well.</param>
public sealed record StoreEntry(string Name, string Path, VmDefinition? Definition, Exception? Error)
{
    /// <summary>The machine's directory, which holds its <c>vm.yaml</c> and its snapshots.</summary>
    public string Directory => System.IO.Path.GetDirectoryName(Path)!;
}
