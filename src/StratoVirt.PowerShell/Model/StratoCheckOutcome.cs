namespace StratoVirt.PowerShell;

/// <summary>How a check of the host came out.</summary>
public enum StratoCheckOutcome
{
    /// <summary>As a machine needs it.</summary>
    Passed,

    /// <summary>Machines run, with a limit that <see cref="StratoHostCheck.Meaning"/> names.</summary>
    Warning,

    /// <summary>No machine runs because of it.</summary>
    Failed,

    /// <summary>Not looked at, because something before it failed.</summary>
    Skipped,
}
