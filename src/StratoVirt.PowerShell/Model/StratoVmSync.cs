namespace StratoVirt.PowerShell;

/// <summary>What <c>Sync-StratoVm</c> did with one machine or, with -WhatIf, would do.</summary>
public sealed class StratoVmSync
{
    internal StratoVmSync(string name, string? source, string? before, string? after, IReadOnlyList<StratoVmChange> diff)
    {
        Name = name;
        Source = source;
        Before = before;
        After = after;
        Diff = diff.ToArray();
    }

    /// <summary>The machine's name.</summary>
    public string Name { get; }

    /// <summary>Whether anything was changed: the definition, the machine, or what it does.</summary>
    public bool Changed { get; internal set; }

    /// <summary>Whether the machine runs with settings that its definition has otherwise, until it is restarted.</summary>
    public bool RestartNeeded { get; internal set; }

    /// <summary>What it was, as YAML; null when it was not there.</summary>
    public string? Before { get; }

    /// <summary>What it is, as YAML; null when it is not there any more.</summary>
    public string? After { get; }

    /// <summary>The differences, in the order they were dealt with. Those still pending from before are among them.</summary>
    public IReadOnlyList<StratoVmChange> Diff { get; }

    /// <summary>The file that says what it shall be; null for a definition given as text, and for a machine no file names.</summary>
    public string? Source { get; }

    /// <summary>Its name.</summary>
    public override string ToString() => Name;
}
