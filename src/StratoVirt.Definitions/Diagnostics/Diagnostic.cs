using System.Globalization;

namespace StratoVirt.Definitions.Diagnostics;

/// <summary>One finding in a definition: what is wrong, where, and what was probably meant.</summary>
/// <param name="Id">Stable identifier.</param>
/// <param name="Severity">Whether it stops the definition from being used.</param>
/// <param name="Message">What is wrong and what is right, in one or two sentences that name the key.</param>
/// <param name="Path">Where in the definition, as a JSON path (RFC 9535): <c>$.spec.cpus</c>.</param>
/// <param name="Line">Line in the document, from 1; null for a definition that was read from none.</param>
/// <param name="Column">Column in that line, from 1, in UTF-16 code units; null with <paramref name="Line"/>.</param>
/// <param name="Suggestion">A replacement for what stands there, or null.</param>
public sealed record Diagnostic(
    DiagnosticId Id,
    DiagnosticSeverity Severity,
    string Message,
    string Path,
    int? Line = null,
    int? Column = null,
    string? Suggestion = null)
{
    /// <summary>The finding in one line: <c>vm.yaml(7,5): …</c>.</summary>
    /// <param name="fileName">Name of the document, or null when there is none.</param>
    public string Format(string? fileName)
    {
        string position = Line is int line
            ? string.Create(CultureInfo.InvariantCulture, $"({line},{Column ?? 1})")
            : string.Empty;
        string place = (fileName ?? string.Empty) + position;
        return place.Length == 0 ? Message : $"{place}: {Message}";
    }
}
