namespace StratoVirt.Definitions.Diagnostics;

/// <summary>Whether a finding stops a definition from being used.</summary>
public enum DiagnosticSeverity
{
    /// <summary>The definition can be used; something in it is probably not meant.</summary>
    Warning,
    /// <summary>The definition cannot be used.</summary>
    Error,
}
