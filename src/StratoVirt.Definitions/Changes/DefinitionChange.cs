namespace StratoVirt.Definitions.Changes;

/// <summary>One difference between two definitions.</summary>
public sealed record DefinitionChange
{
    /// <summary>What kind of difference.</summary>
    public required ChangeKind Kind { get; init; }

    /// <summary>Where, as a reader of the document would say it: <c>spec.cpus</c>, <c>spec.disks[root].rateLimit</c>.</summary>
    public string Path => Place.ToString();

    /// <summary>What was there, as compact JSON; null when nothing was.</summary>
    public string? Before { get; init; }

    /// <summary>What is there now, as compact JSON; null when nothing is.</summary>
    public string? After { get; init; }

    /// <summary>The name of the device it is about, or null.</summary>
    public string? Device { get; init; }

    /// <summary>Whether a device as a whole comes or goes, rather than one of its settings.</summary>
    public bool IsDevice => Device is not null && Place.Steps.Length == 2 && Kind is ChangeKind.Add or ChangeKind.Remove;

    /// <summary>When a machine that runs has it.</summary>
    public ChangeEffect Effect { get; init; }

    /// <summary>Where.</summary>
    internal ChangePath Place { get; init; } = ChangePath.Root;

    /// <summary>The change in a line: <c>spec.cpus: 1 -> 2</c>.</summary>
    public override string ToString() => $"{Path}: {Before ?? "none"} -> {After ?? "none"}";
}
