using System.Collections;
using System.Collections.Immutable;
using StratoVirt.Definitions.Diagnostics;
using StratoVirt.PowerShell.Errors;

namespace StratoVirt.PowerShell.Binding;

/// <summary>Turns the hashtable a user writes for labels into labels.</summary>
internal static class LabelTable
{
    /// <summary>Converts; null is no labels.</summary>
    /// <exception cref="StratoVirtException">Two keys are the same as text, or a key is empty.</exception>
    public static ImmutableSortedDictionary<string, string> ToLabels(Hashtable? table)
    {
        var labels = ImmutableSortedDictionary.CreateBuilder<string, string>();
        foreach (DictionaryEntry entry in table ?? [])
        {
            string key = entry.Key.ToString() ?? string.Empty;
            if (key.Length == 0 || !labels.TryAdd(key, entry.Value?.ToString() ?? string.Empty))
            {
                throw ErrorRecords.Failure(
                    DiagnosticId.InvalidLabel,
                    $"'{key}' cannot be a label's name: names are text, not empty, and each occurs once.",
                    "Write labels as @{ name = 'value' }.");
            }
        }

        return labels.ToImmutable();
    }
}
