using System.Collections.Immutable;
using StratoVirt.Definitions.Diagnostics;

namespace StratoVirt.Definitions.Validation;

/// <summary>What the rules have found so far.</summary>
internal sealed class Findings
{
    private readonly ImmutableArray<Diagnostic>.Builder _diagnostics = ImmutableArray.CreateBuilder<Diagnostic>();

    internal void Error(DiagnosticId id, string path, string message, string? suggestion = null) =>
        _diagnostics.Add(new Diagnostic(id, DiagnosticSeverity.Error, message, path, Suggestion: suggestion));

    internal void Warning(DiagnosticId id, string path, string message) =>
        _diagnostics.Add(new Diagnostic(id, DiagnosticSeverity.Warning, message, path));

    internal ImmutableArray<Diagnostic> ToImmutable() => _diagnostics.ToImmutable();
}
