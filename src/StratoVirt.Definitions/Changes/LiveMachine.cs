using System.Collections.Immutable;

namespace StratoVirt.Definitions.Changes;

/// <summary>A machine that runs, as far as it matters for what it can take over while it does.</summary>
/// <param name="Definition">What it was built from, with the devices it has now.</param>
/// <param name="Removable">Names of the devices that can leave it, whatever their case.</param>
public sealed record LiveMachine(VmDefinition Definition, ImmutableHashSet<string> Removable)
{
    /// <summary>A machine just started: its devices stay as long as it runs.</summary>
    public LiveMachine(VmDefinition definition)
        : this(definition, [])
    {
    }

    /// <summary>Names of the devices that can leave it.</summary>
    public ImmutableHashSet<string> Removable { get; } = Removable.WithComparer(StringComparer.OrdinalIgnoreCase);
}
