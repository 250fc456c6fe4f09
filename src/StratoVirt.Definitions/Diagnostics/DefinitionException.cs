using System.Collections.Immutable;

namespace StratoVirt.Definitions.Diagnostics;

/// <summary>
/// A definition cannot be used. The message has one line for each finding, the first first: <c>vm.yaml(7,5): …</c>.
/// </summary>
public sealed class DefinitionException : Exception
{
    /// <summary>A message of more lines would scroll the first one away.</summary>
    private const int MaxLines = 10;

    /// <summary>Creates the exception.</summary>
    /// <param name="diagnostics">What was found, in document order; at least one.</param>
    /// <param name="fileName">Name of the document, or null when the definition was read from none.</param>
    /// <param name="cause">The lower-level failure, if any.</param>
    public DefinitionException(ImmutableArray<Diagnostic> diagnostics, string? fileName = null, Exception? cause = null)
        : base(Describe(diagnostics, fileName), cause)
    {
        Diagnostics = diagnostics;
        FileName = fileName;
    }

    /// <summary>What was found, in document order.</summary>
    public ImmutableArray<Diagnostic> Diagnostics { get; }

    /// <summary>Name of the document, or null.</summary>
    public string? FileName { get; }

    /// <summary>The identifier of the first finding.</summary>
    public DiagnosticId Id => Diagnostics[0].Id;

    private static string Describe(ImmutableArray<Diagnostic> diagnostics, string? fileName)
    {
        if (diagnostics.IsDefaultOrEmpty)
        {
            throw new ArgumentException("A definition is not wrong for nothing: give at least one diagnostic.", nameof(diagnostics));
        }

        string text = string.Join('\n', diagnostics.Take(MaxLines).Select(d => d.Format(fileName)));
        return diagnostics.Length > MaxLines ? $"{text}\n… and {diagnostics.Length - MaxLines} more." : text;
    }
}
