using StratoVirt.Definitions;

namespace StratoVirt.PowerShell.Fleet;

/// <summary>What one document says of one machine.</summary>
/// <param name="Definition">The definition; its paths are absolute.</param>
/// <param name="File">The file it is in; null for text.</param>
/// <param name="Line">The line it begins on.</param>
internal sealed record FleetDocument(VmDefinition Definition, string? File, int Line)
{
    /// <summary>The machine's name.</summary>
    public string Name => Definition.Metadata.Name;

    /// <summary>Whether the machine shall not be there.</summary>
    public bool IsAbsent => Definition.Spec.State == WantedState.Absent;

    /// <summary>Where it is, for messages.</summary>
    public string Place => File is null ? $"line {Line}" : $"{File}({Line})";
}
