using System.Collections.Immutable;
using System.Management.Automation;
using StratoVirt.Definitions;
using StratoVirt.Definitions.Diagnostics;
using StratoVirt.PowerShell.Errors;

namespace StratoVirt.PowerShell.Fleet;

/// <summary>
/// The label by which machines that <c>Sync-StratoVm</c> made are told from those made by hand: the fleet's name, or
/// the document they came from. A machine gets it when it is made and at no other time, and no document can give it one,
/// so that pruning never takes what somebody made himself.
/// </summary>
internal static class FleetMark
{
    /// <summary>The label's key.</summary>
    public const string Label = "stratovirt/fleet";

    /// <summary>The bound of a label's value, which definitions have.</summary>
    private const int MaxLength = 256;

    /// <summary>The mark of a machine, or null for one made by hand.</summary>
    public static string? Of(VmDefinition? definition) => definition?.Metadata.Labels.GetValueOrDefault(Label);

    /// <summary>The definition with this mark; with none for null.</summary>
    public static VmDefinition With(VmDefinition definition, string? mark)
    {
        ImmutableSortedDictionary<string, string> labels = definition.Metadata.Labels.Remove(Label);
        return definition with
        {
            Metadata = definition.Metadata with { Labels = mark is null ? labels : labels.Add(Label, mark) },
        };
    }

    /// <summary>The mark for a machine of a document.</summary>
    /// <exception cref="StratoVirtException">The document's path is too long to be one.</exception>
    public static string? For(string? fleet, FleetDocument document)
    {
        string? mark = fleet ?? document.File;
        return mark is null || mark.Length <= MaxLength ? mark : throw ErrorRecords.Failure(
            DiagnosticId.InvalidLabel,
            $"The path '{mark}' has more than {MaxLength} characters, so its machines cannot be marked with it.",
            "Give the fleet a name with -Fleet.");
    }

    /// <summary>Whether a path is one that a pattern, absolute like it, stands for: directory by directory, because a
    /// wildcard does not go beyond one.</summary>
    public static bool Matches(string pattern, string path)
    {
        string[] patterns = pattern.Split('/');
        string[] names = path.Split('/');
        return patterns.Length == names.Length
            && patterns.Zip(names).All(pair => new WildcardPattern(pair.First, WildcardOptions.None).IsMatch(pair.Second));
    }
}
